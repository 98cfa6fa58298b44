/**
 * Fewlabel from Java: {@link io.fewlabel.Fewlabel} is the door. Nothing here opens a window, so it serves scripts, other plugins
 * and machines without a display.
 */
package io.fewlabel;
