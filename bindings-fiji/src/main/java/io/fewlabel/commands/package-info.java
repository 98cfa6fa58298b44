/** The commands in ImageJ's menus. They assemble options, call {@link io.fewlabel.Fewlabel} and show what comes out. */
package io.fewlabel.commands;
