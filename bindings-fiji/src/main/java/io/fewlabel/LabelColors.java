package io.fewlabel;

import java.util.ArrayList;
import java.util.List;

import ij.process.LUT;

/**
 * Colours for label images: black for the background, then 255 that neighbours in number do not resemble. Each is the colour that
 * lies farthest, in CIELAB, from all before it, as Glasbey et al. (Color Research and Application 32, 2007) choose theirs; not too
 * dark to be seen on black.
 */
final class LabelColors {

	private static final int COLORS = 256;
	/** Values of red, green and blue that are tried: every 17th. */
	private static final int STEP = 17;
	/** Least lightness of a label, of 100. */
	private static final double LEAST_LIGHTNESS = 35;

	private static int[] colors;

	private LabelColors() {}

	/** The look-up table, for values from 0 to {@code max}. */
	static LUT lut(double max) {
		byte[] red = new byte[COLORS], green = new byte[COLORS], blue = new byte[COLORS];
		int[] chosen = colors();
		for (int i = 0; i < COLORS; i++) {
			red[i] = (byte) (chosen[i] >> 16);
			green[i] = (byte) (chosen[i] >> 8);
			blue[i] = (byte) chosen[i];
		}
		LUT lut = new LUT(red, green, blue);
		lut.min = 0;
		lut.max = max;
		return lut;
	}

	/** The colours as {@code 0xrrggbb}. */
	static synchronized int[] colors() {
		if (colors == null) {
			colors = choose();
		}
		return colors;
	}

	private static int[] choose() {
		List<Integer> candidates = new ArrayList<>();
		List<double[]> places = new ArrayList<>();
		for (int red = 0; red < 256; red += STEP) {
			for (int green = 0; green < 256; green += STEP) {
				for (int blue = 0; blue < 256; blue += STEP) {
					double[] place = lab(red, green, blue);
					if (place[0] >= LEAST_LIGHTNESS) {
						candidates.add(red << 16 | green << 8 | blue);
						places.add(place);
					}
				}
			}
		}
		double[] nearest = new double[places.size()];
		for (int i = 0; i < nearest.length; i++) {
			nearest[i] = squaredDistance(places.get(i), lab(0, 0, 0));
		}
		int[] chosen = new int[COLORS];
		for (int n = 1; n < COLORS; n++) {
			int farthest = 0;
			for (int i = 1; i < nearest.length; i++) {
				farthest = nearest[i] > nearest[farthest] ? i : farthest;
			}
			chosen[n] = candidates.get(farthest);
			for (int i = 0; i < nearest.length; i++) {
				nearest[i] = Math.min(nearest[i], squaredDistance(places.get(i), places.get(farthest)));
			}
		}
		return chosen;
	}

	private static double squaredDistance(double[] a, double[] b) {
		return (a[0] - b[0]) * (a[0] - b[0]) + (a[1] - b[1]) * (a[1] - b[1]) + (a[2] - b[2]) * (a[2] - b[2]);
	}

	/** CIELAB of an sRGB colour, for the white point D65 (IEC 61966-2-1, CIE 15). */
	private static double[] lab(int red, int green, int blue) {
		double r = linear(red), g = linear(green), b = linear(blue);
		double x = bent((0.4124 * r + 0.3576 * g + 0.1805 * b) / 0.9505);
		double y = bent(0.2126 * r + 0.7152 * g + 0.0722 * b);
		double z = bent((0.0193 * r + 0.1192 * g + 0.9505 * b) / 1.0890);
		return new double[] {116 * y - 16, 500 * (x - y), 200 * (y - z)};
	}

	private static double linear(int value) {
		double v = value / 255.0;
		return v <= 0.04045 ? v / 12.92 : Math.pow((v + 0.055) / 1.055, 2.4);
	}

	private static double bent(double t) {
		return t > 216.0 / 24389 ? Math.cbrt(t) : (24389.0 / 27 * t + 16) / 116;
	}
}
