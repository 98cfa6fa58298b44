package io.fewlabel.commands;

import java.awt.GraphicsEnvironment;
import java.util.Arrays;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.Map;

import io.fewlabel.FewlabelException;

import ij.Macro;
import ij.gui.GenericDialog;

/**
 * Asks for the fields of a command: in a window, or from the line of a macro, where every page is read whether it was opened or
 * not. In a window the texts are those of the last time.
 */
final class CommandDialog {

	/** What was filled in last, by command and key, in this session. */
	private static final Map<String, String> LAST = new HashMap<>();

	private final String command;
	private final Page[] pages;
	private final Map<String, String> texts = new LinkedHashMap<>();

	CommandDialog(String command, Page... pages) {
		this.command = command;
		this.pages = pages;
	}

	/**
	 * Asks.
	 *
	 * @return whether it was confirmed
	 * @throws FewlabelException {@code invalid-request} for a word that is no choice, and without a display and a macro
	 */
	boolean ask() {
		boolean macro = Macro.getOptions() != null;
		if (!macro && GraphicsEnvironment.isHeadless()) {
			throw new FewlabelException("invalid-request", command + ": there is no display for a dialog",
				"give the options in the macro: run(\"" + command + "\", \"" + pages[0].fields[0].key() + "=...\")");
		}
		boolean open = true;
		for (int page = 0; page < pages.length; page++) {
			if (macro || open) {
				GenericDialog dialog = dialog(page, macro);
				dialog.showDialog();
				if (dialog.wasCanceled()) {
					return false;
				}
				open = read(page, dialog);
			} else {
				for (Field field : pages[page].fields) {
					texts.put(field.key(), field.unset);
				}
			}
		}
		if (!macro) {
			texts.forEach((key, text) -> LAST.put(command + key, text));
		}
		return true;
	}

	private GenericDialog dialog(int page, boolean macro) {
		GenericDialog dialog = new GenericDialog(page == 0 ? command.replace("...", "") : pages[page].opener);
		for (Field field : pages[page].fields) {
			String text = macro ? field.unset : LAST.getOrDefault(command + field.key(), field.unset);
			boolean browse = !GraphicsEnvironment.isHeadless();
			if (field.kind == Field.Kind.CHOICE) {
				refuseOtherWords(field);
				dialog.addChoice(field.label, field.words, text);
			} else if (field.kind == Field.Kind.FILE && browse) {
				dialog.addFileField(field.label, text, 30);
			} else if (field.kind == Field.Kind.FOLDER && browse) {
				dialog.addDirectoryField(field.label, text, 30);
			} else {
				// Fiji's headless dialogs know no fields for files.
				dialog.addStringField(field.label, text, 16);
			}
		}
		if (page + 1 < pages.length) {
			dialog.addCheckbox(pages[page + 1].opener, false);
		}
		return dialog;
	}

	/** A headless dialog takes the first choice for a word that it does not know. */
	private void refuseOtherWords(Field field) {
		String options = Macro.getOptions();
		String word = options == null ? null : Macro.getValue(options, field.key(), null);
		if (word != null && !Arrays.asList(field.words).contains(word)) {
			throw new FewlabelException("invalid-request", command + ": this is no choice (field: " + field.key() + ", value: " + word + ")",
				"choose one of: " + String.join(", ", field.words));
		}
	}

	/** Reads a page; whether the next one is wanted. */
	private boolean read(int page, GenericDialog dialog) {
		for (Field field : pages[page].fields) {
			texts.put(field.key(), field.kind == Field.Kind.CHOICE ? dialog.getNextChoice() : dialog.getNextString());
		}
		return page + 1 < pages.length && dialog.getNextBoolean();
	}

	/** What was filled in. */
	String text(String key) {
		return texts.get(key);
	}

	/** The values that were set, by key. */
	Map<String, Object> values() {
		Map<String, Object> values = new LinkedHashMap<>();
		for (Page page : pages) {
			for (Field field : page.fields) {
				Object value = field.value(texts.get(field.key()));
				if (value != null) {
					values.put(field.key(), value);
				}
			}
		}
		return values;
	}
}
