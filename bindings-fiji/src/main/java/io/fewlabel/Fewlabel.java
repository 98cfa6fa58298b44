package io.fewlabel;

import ij.ImagePlus;

/**
 * Segments images and learns from labels.
 *
 * <pre>{@code
 * SegmentResult result = Fewlabel.segment(IJ.openImage("cells.tif"), new SegmentOptions("mine.zip"));
 * result.labels().show();
 * }</pre>
 *
 * What goes wrong is thrown as {@link FewlabelException}.
 */
public final class Fewlabel {

	private Fewlabel() {}

	/** Version of Fewlabel. */
	public static String version() {
		Engine.shared();
		return Native.version();
	}

	/**
	 * Segments an open image and waits for the result.
	 *
	 * @param image 8-bit, 16-bit, 32-bit or RGB, with any number of channels, slices and frames; it is not changed
	 */
	public static SegmentResult segment(ImagePlus image, SegmentOptions options) {
		return startSegment(image, options, null).await();
	}

	/** Starts to segment an open image, whose pixels are copied before this returns. */
	public static Segmentation startSegment(ImagePlus image, SegmentOptions options, Listener listener) {
		return Segmentation.start(image, options, listener);
	}

	/**
	 * Starts to learn from a few labelled images. Needs the training add-on.
	 *
	 * @param listener hears how it goes; may be null
	 */
	public static Job train(TrainRequest request, Listener listener) {
		return Job.start(Engine.shared(), request.json(), null, listener);
	}

	/**
	 * Starts to learn from images without labels; the model is a start for {@link #train}. Needs the training add-on.
	 *
	 * @param listener hears how it goes; may be null
	 */
	public static Job pretrain(PretrainRequest request, Listener listener) {
		return Job.start(Engine.shared(), request.json(), null, listener);
	}

	/**
	 * Starts to tell the kind of each image in files. A model of kinds is trained with {@code find = kinds}.
	 *
	 * @param listener hears how it goes; may be null
	 */
	public static Job classify(ClassifyRequest request, Listener listener) {
		return Job.start(Engine.shared(), request.json(), null, listener);
	}

	/**
	 * Starts to write a model in another form.
	 *
	 * @param listener hears how it goes; may be null
	 */
	public static Job export(ExportRequest request, Listener listener) {
		return Job.start(Engine.shared(), request.json(), null, listener);
	}

	/**
	 * Submits any request of the contract.
	 *
	 * @param request the request as JSON
	 * @param buffers the pixels that it refers to by number: {@code byte[]}, {@code short[]} and {@code int[]}, all unsigned, or
	 *            {@code float[]}; may be null
	 * @param listener hears how it goes; may be null
	 */
	public static Job submit(String request, Object[] buffers, Listener listener) {
		return Job.start(Engine.shared(), request, buffers, listener);
	}
}
