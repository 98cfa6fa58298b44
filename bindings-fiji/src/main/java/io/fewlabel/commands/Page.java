package io.fewlabel.commands;

/** One dialog of a command. */
final class Page {

	/** What asks for this page on the page before; its first word is its key. */
	final String opener;
	final Field[] fields;

	Page(String opener, Field... fields) {
		this.opener = opener;
		this.fields = fields;
	}
}
