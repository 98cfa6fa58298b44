package io.fewlabel.commands;

import ij.measure.ResultsTable;
import ij.plugin.filter.Analyzer;

/** Adds rows to ImageJ's table of results, the only one that a macro without a display can read. What is there stays. */
final class ResultsRows {

	private ResultsRows() {}

	/** Appends the rows of {@code table} and shows the results. */
	static void append(ResultsTable table) {
		ResultsTable results = Analyzer.getResultsTable();
		for (int row = 0; row < table.size(); row++) {
			results.addRow();
			for (String heading : table.getHeadings()) {
				double number = table.getValue(heading, row);
				if (Double.isNaN(number)) {
					results.addValue(heading, table.getStringValue(heading, row));
				} else {
					results.addValue(heading, number);
				}
			}
		}
		results.show("Results");
	}
}
