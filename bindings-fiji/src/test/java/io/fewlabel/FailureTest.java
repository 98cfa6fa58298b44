package io.fewlabel;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertSame;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.Collections;
import java.util.Map;
import java.util.concurrent.atomic.AtomicReference;

import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

import ij.ImagePlus;
import ij.process.ByteProcessor;

/** What goes wrong comes back as something to catch; the virtual machine lives on. */
class FailureTest {

	private static final String DESCRIBE = "{\"contract\": 1, \"entry\": \"describe\", \"args\": {}}";

	@BeforeEach
	void built() {
		Checkout.needsNatives();
	}

	private static String segmentFile(String model) {
		return Arguments.request("segment", new SegmentOptions(model).args());
	}

	@Test
	void anErrorHasCodeMessageAndHint() {
		ImagePlus image = new ImagePlus("a", new ByteProcessor(4, 4));
		FewlabelException error = assertThrows(FewlabelException.class, () -> Fewlabel.segment(image, new SegmentOptions("nowhere.zip")));
		assertEquals("not-found", error.code());
		assertTrue(error.getMessage().contains("nowhere.zip"), error.getMessage());
		assertFalse(error.hint().isEmpty());
		assertEquals(error.getMessage() + "; " + error.hint(), error.line());
		assertTrue(error.details().contains("\"kind\":\"not-found\""), error.details());
	}

	@Test
	void aFieldOfAnotherTypeIsNamed() {
		ImagePlus image = new ImagePlus("a", new ByteProcessor(4, 4));
		SegmentOptions options = new SegmentOptions("otsu").set("tile", "big");
		FewlabelException error = assertThrows(FewlabelException.class, () -> Fewlabel.segment(image, options));
		assertEquals("invalid-request", error.code());
		assertTrue(error.getMessage().contains("tile"), error.getMessage());
		assertThrows(FewlabelException.class, () -> new SegmentOptions("otsu").set("output", "x"));
	}

	@Test
	void aPanicIsAnException() {
		FewlabelException error = assertThrows(FewlabelException.class, Native::panicForTest);
		assertEquals("internal", error.code());
		assertTrue(error.getMessage().contains("a panic that a test asked for"), error.getMessage());
		assertFalse(error.hint().isEmpty());
	}

	@Test
	void whatIsNoBufferIsRefused() {
		for (Object wrong : new Object[] {null, "text", new double[1]}) {
			FewlabelException error = assertThrows(FewlabelException.class, () -> Fewlabel.submit(DESCRIBE, new Object[] {wrong}, null));
			assertEquals("invalid-request", error.code());
		}
	}

	@Test
	void everyWaiterSeesTheSame() {
		Job job = Fewlabel.submit(DESCRIBE, null, null);
		assertSame(job.await(), job.await());
		assertEquals("ended", job.status());
		assertTrue(job.id() > 0);
		job.cancel();
		job.close();
		assertEquals("describe", job.await().entry());
		Job failing = Fewlabel.submit(segmentFile("otsu"), null, null);
		FewlabelException first = assertThrows(FewlabelException.class, failing::await);
		assertSame(first, assertThrows(FewlabelException.class, failing::await));
	}

	@Test
	void aClosedHandleIsRefused() {
		Job job = Fewlabel.submit(DESCRIBE, null, null);
		job.close();
		job.close();
		assertThrows(IllegalStateException.class, job::status);
		assertThrows(IllegalStateException.class, job::await);
		assertThrows(IllegalStateException.class, job::cancel);
		assertThrows(IllegalStateException.class, job::buffers);

		Engine engine = new Engine(null);
		engine.close();
		assertThrows(IllegalStateException.class, () -> Job.start(engine, DESCRIBE, null, null));
		// A handle that never was one does not arrive as a pointer either.
		assertEquals("internal", assertThrows(FewlabelException.class, () -> Native.jobStatus(0)).code());
	}

	@Test
	void aJobOutlivesItsEngine() {
		Engine engine = new Engine(null);
		Job job = Job.start(engine, DESCRIBE, null, null);
		engine.close();
		assertEquals("describe", job.await().entry());
	}

	@Test
	void aListenerCanCancel() {
		ImagePlus image = new ImagePlus("a", new ByteProcessor(64, 64));
		AtomicReference<Job> told = new AtomicReference<>();
		Listener cancels = new Listener() {
			@Override
			public void progress(String phase, long step, long total, Map<String, Double> metrics, double remaining) {
				while (told.get() == null) {
					Thread.yield();
				}
				told.get().cancel();
			}
		};
		Segmentation segmentation = Fewlabel.startSegment(image, new SegmentOptions(Checkout.tinyModel().toString()), cancels);
		told.set(segmentation.job());
		assertEquals("cancelled", assertThrows(FewlabelException.class, segmentation::await).code());
	}

	@Test
	void whatAListenerThrowsEndsTheJob() {
		ImagePlus image = new ImagePlus("a", new ByteProcessor(64, 64));
		IllegalArgumentException thrown = new IllegalArgumentException("no");
		Listener throwing = new Listener() {
			@Override
			public void progress(String phase, long step, long total, Map<String, Double> metrics, double remaining) {
				throw thrown;
			}
		};
		Segmentation segmentation = Fewlabel.startSegment(image, new SegmentOptions(Checkout.tinyModel().toString()), throwing);
		assertSame(thrown, assertThrows(IllegalArgumentException.class, segmentation::await));
	}

	@Test
	void aListenerThatWaitsForItsJobIsRefused() {
		ImagePlus image = new ImagePlus("a", new ByteProcessor(64, 64));
		AtomicReference<Job> told = new AtomicReference<>();
		Listener waiting = new Listener() {
			@Override
			public void progress(String phase, long step, long total, Map<String, Double> metrics, double remaining) {
				while (told.get() == null) {
					Thread.yield();
				}
				told.get().await();
			}
		};
		Segmentation segmentation = Fewlabel.startSegment(image, new SegmentOptions("otsu"), waiting);
		told.set(segmentation.job());
		assertThrows(IllegalStateException.class, segmentation::await);
	}

	@Test
	void aTrainingWithoutLearnerSaysSo() {
		TrainRequest request = new TrainRequest(Collections.singletonList("a.png"), Collections.singletonList("b.png"), "c.zip");
		FewlabelException error = assertThrows(FewlabelException.class, () -> Fewlabel.train(request.set("learner", "/nowhere/learner"), null).await());
		assertEquals("learner-missing", error.code());
		assertTrue(error.getMessage().contains("/nowhere/learner"), error.getMessage());
	}

	@Test
	void aPretrainingWithoutLearnerOrOutOfRangeSaysSo() {
		PretrainRequest request = new PretrainRequest("images", "start.zip").method("mae").steps(1).set("learner", "/nowhere/learner");
		FewlabelException error = assertThrows(FewlabelException.class, () -> Fewlabel.pretrain(request, null).await());
		assertEquals("learner-missing", error.code());
		PretrainRequest wrong = new PretrainRequest("images", "start.zip").objectDiameter(0);
		error = assertThrows(FewlabelException.class, () -> Fewlabel.pretrain(wrong, null).await());
		assertEquals("invalid-request", error.code());
		assertTrue(error.getMessage().contains("object_diameter"), error.getMessage());
	}
}
