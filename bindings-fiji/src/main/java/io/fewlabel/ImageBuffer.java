package io.fewlabel;

import java.util.Locale;

import com.google.gson.JsonObject;

import ij.ImagePlus;
import ij.ImageStack;
import ij.measure.Calibration;

/**
 * The pixels of an image in the order of the contract ({@code t z c y x}, x fastest), with its description for a request. Colour
 * tables are ways to show pixels: what counts are the numbers.
 */
final class ImageBuffer {

	private static final int SIGNED_16_BIT = 32768;

	/** {@code byte[]}, {@code short[]} or {@code float[]}. */
	final Object samples;
	private final JsonObject description = new JsonObject();

	private ImageBuffer(Object samples) {
		this.samples = samples;
	}

	/**
	 * Copies an image.
	 *
	 * @throws FewlabelException {@code limit-exceeded} for more pixels than a Java array can hold; {@code unsupported} for channels
	 *             of colours; {@code invalid-request} for a calibration that cannot be
	 */
	static ImageBuffer of(ImagePlus image) {
		boolean rgb = image.getType() == ImagePlus.COLOR_RGB;
		int width = image.getWidth(), height = image.getHeight();
		int channels = rgb ? 3 : image.getNChannels();
		int planes = image.getNSlices() * image.getNFrames();
		if (rgb && image.getNChannels() > 1) {
			throw new FewlabelException("unsupported", "read image: several channels of colours (image: " + image.getTitle() + ", channels: "
				+ image.getNChannels() + ")", "split the channels (Image > Color > Split Channels) and segment one of them");
		}
		long samples = (long) width * height * channels * planes;
		if (samples > Integer.MAX_VALUE - 8) {
			throw new FewlabelException("limit-exceeded", "read image: more samples than fit into one array (image: " + image.getTitle()
				+ ", samples: " + samples + ", most: " + (Integer.MAX_VALUE - 8) + ")", "segment a substack, or the file with Fewlabel.submit");
		}
		ImageBuffer buffer;
		if (rgb) {
			buffer = new ImageBuffer(colours(image.getStack(), width * height));
		} else {
			buffer = new ImageBuffer(numbers(image, (int) samples, width * height));
		}
		buffer.describe(image, channels, rgb);
		return buffer;
	}

	private static Object numbers(ImagePlus image, int samples, int size) {
		boolean signed = image.getCalibration().isSigned16Bit();
		Object target;
		switch (image.getType()) {
			case ImagePlus.GRAY32:
				target = new float[samples];
				break;
			case ImagePlus.GRAY16:
				target = signed ? new float[samples] : new short[samples];
				break;
			default:
				target = new byte[samples];
		}
		ImageStack stack = image.getStack();
		int at = 0;
		for (int t = 1; t <= image.getNFrames(); t++) {
			for (int z = 1; z <= image.getNSlices(); z++) {
				for (int c = 1; c <= image.getNChannels(); c++, at += size) {
					Object plane = stack.getPixels(image.getStackIndex(c, z, t));
					if (plane instanceof short[] && signed) {
						// ImageJ stores signed numbers as unsigned ones and subtracts when it shows them.
						for (int i = 0; i < size; i++) {
							((float[]) target)[at + i] = (((short[]) plane)[i] & 0xffff) - SIGNED_16_BIT;
						}
					} else {
						System.arraycopy(plane, 0, target, at, size);
					}
				}
			}
		}
		return target;
	}

	private static byte[] colours(ImageStack stack, int size) {
		byte[] target = new byte[3 * size * stack.getSize()];
		for (int plane = 0; plane < stack.getSize(); plane++) {
			int[] pixels = (int[]) stack.getPixels(plane + 1);
			int red = 3 * plane * size, green = red + size, blue = green + size;
			for (int i = 0; i < size; i++) {
				target[red + i] = (byte) (pixels[i] >> 16);
				target[green + i] = (byte) (pixels[i] >> 8);
				target[blue + i] = (byte) pixels[i];
			}
		}
		return target;
	}

	private void describe(ImagePlus image, int channels, boolean rgb) {
		description.addProperty("buffer", 0);
		description.addProperty("name", name(image));
		description.addProperty("t", image.getNFrames());
		description.addProperty("z", image.getNSlices());
		description.addProperty("c", channels);
		description.addProperty("y", image.getHeight());
		description.addProperty("x", image.getWidth());
		description.addProperty("type", samples instanceof byte[] ? "u8" : samples instanceof short[] ? "u16" : "f32");
		if (rgb) {
			description.addProperty("rgb", true);
		}
		Calibration calibration = image.getCalibration();
		String unit = lengthUnit(calibration.getUnit());
		if (unit == null) {
			return;
		}
		double size = calibration.pixelWidth;
		if (!(size > 0) || Double.isInfinite(size)) {
			throw new FewlabelException("invalid-request", "read image: a pixel cannot be so wide (image: " + image.getTitle() + ", pixel width: "
				+ size + " " + unit + ")", "correct it in Image > Properties..., or remove the calibration there");
		}
		description.addProperty("pixel_size", size);
		description.addProperty("unit", unit);
	}

	/** The image as it stands in a request. */
	JsonObject description() {
		return description;
	}

	/** What outputs are called: the title without an extension, as on the command line. */
	static String name(ImagePlus image) {
		String title = image.getTitle() == null ? "" : image.getTitle();
		String name = title.replaceAll("[\\\\/:*?\"<>|]", "_");
		String lower = name.toLowerCase(Locale.ROOT);
		for (String extension : new String[] {".nii.gz", ".ome.tif", ".ome.tiff"}) {
			if (lower.endsWith(extension) && name.length() > extension.length()) {
				return name.substring(0, name.length() - extension.length());
			}
		}
		int dot = name.lastIndexOf('.');
		name = dot > 0 ? name.substring(0, dot) : name;
		return name.isEmpty() ? "image" : name;
	}

	/** The unit of length as the engine writes it; null where the image is not calibrated in one. The rules are those for files. */
	static String lengthUnit(String text) {
		String unit = text == null ? "" : text.trim();
		switch (unit.toLowerCase(Locale.ROOT)) {
			case "":
			case "pixel":
			case "pixels":
			case "px":
				return null;
			case "inch":
			case "inches":
			case "in":
				return "inch";
			case "micron":
			case "microns":
			case "micrometer":
			case "micrometers":
			case "micrometre":
			case "micrometres":
			case "um":
			case "\u00b5m":
			case "\u03bcm":
				return "\u00b5m";
			case "nanometer":
			case "nanometers":
			case "nanometre":
			case "nanometres":
				return "nm";
			case "millimeter":
			case "millimeters":
			case "millimetre":
			case "millimetres":
				return "mm";
			default:
				return unit;
		}
	}
}
