package io.fewlabel.commands;

import java.util.Locale;

/** A field of a dialog. Its key in macros is the first word of its label, and is the field's name in the contract. */
final class Field {

	/** How a field is filled in. */
	enum Kind {
		TEXT, NUMBER, FILE, FOLDER, CHOICE
	}

	final String label;
	final Kind kind;
	/** What stands there at first; a field left so is not set, and has the request's default. */
	final String unset;
	/** The words of a choice, the default first. */
	final String[] words;

	private Field(String label, Kind kind, String unset, String... words) {
		this.label = label;
		this.kind = kind;
		this.unset = unset;
		this.words = words;
	}

	static Field text(String label, String unset) {
		return new Field(label, Kind.TEXT, unset);
	}

	static Field number(String label, String unset) {
		return new Field(label, Kind.NUMBER, unset);
	}

	static Field file(String label) {
		return new Field(label, Kind.FILE, "");
	}

	static Field folder(String label) {
		return new Field(label, Kind.FOLDER, "");
	}

	static Field choice(String label, String... words) {
		return new Field(label, Kind.CHOICE, words[0], words);
	}

	/** The key: the first word of the label. */
	String key() {
		return label.split(" ", 2)[0].toLowerCase(Locale.ROOT);
	}

	/**
	 * The value for the request; null where the field is left as it was. A number that is none goes on as text, and the engine says
	 * what is wrong with it.
	 */
	Object value(String text) {
		String trimmed = text.trim();
		if (trimmed.isEmpty() || trimmed.equals(unset)) {
			return null;
		}
		if (kind != Kind.NUMBER) {
			return trimmed;
		}
		try {
			return Long.valueOf(trimmed);
		} catch (NumberFormatException noWholeNumber) {
			try {
				double number = Double.parseDouble(trimmed);
				return Double.isNaN(number) || Double.isInfinite(number) ? (Object) trimmed : (Object) number;
			} catch (NumberFormatException noNumber) {
				return trimmed;
			}
		}
	}
}
