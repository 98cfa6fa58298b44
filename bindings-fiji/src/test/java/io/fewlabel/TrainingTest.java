package io.fewlabel;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.Paths;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.function.Consumer;

import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

import ij.IJ;

/** Training through Java, with the real learner. */
class TrainingTest {

	private static final long FOREVER = 1_000_000;

	@TempDir
	Path folder;

	@BeforeEach
	void built() {
		Checkout.needsLearner();
	}

	/** Does something once, at the first step. */
	private static final class AtFirstStep implements Listener {

		final List<String> artifacts = Collections.synchronizedList(new ArrayList<>());
		final CompletableFuture<Job> job = new CompletableFuture<>();
		private final Consumer<Job> action;
		private boolean done;

		AtFirstStep(Consumer<Job> action) {
			this.action = action;
		}

		@Override
		public void progress(String phase, long step, long total, Map<String, Double> metrics, double remaining) {
			if (phase.equals("training") && step > 0 && !done) {
				done = true;
				action.accept(job.join());
			}
		}

		@Override
		public void artifact(Path path, String sha256) {
			artifacts.add(path.toString());
		}
	}

	private Job train(long steps, AtFirstStep listener) throws Exception {
		Job job = Fewlabel.train(Checkout.tinyTraining(folder, steps), listener);
		listener.job.complete(job);
		return job;
	}

	@Test
	void aFewStepsMakeAModelThatSegments() throws Exception {
		AtFirstStep listener = new AtFirstStep(job -> {});
		Response response = train(3, listener).await();
		assertEquals(3.0, response.result().get("steps"));
		assertEquals(5.0, response.result().get("labelled_images"));
		assertFalse(response.finishedEarly());
		Path model = Paths.get((String) response.result().get("model"));
		assertTrue(Files.isRegularFile(model));
		assertTrue(listener.artifacts.contains(model.toString()), listener.artifacts.toString());
		SegmentResult result = Fewlabel.segment(IJ.openImage(Checkout.image().toString()), new SegmentOptions(model.toString()));
		assertEquals(696, result.labels().getWidth());
	}

	@Test
	void cancelEndsIt() throws Exception {
		Job job = train(FOREVER, new AtFirstStep(Job::cancel));
		assertEquals("cancelled", assertThrows(FewlabelException.class, job::await).code());
		assertFalse(Files.exists(folder.resolve("model.zip")));
	}

	@Test
	void finishingEarlyKeepsTheBest() throws Exception {
		Response response = train(FOREVER, new AtFirstStep(Job::finishEarly)).await();
		assertTrue(response.finishedEarly());
		assertTrue(Files.isRegularFile(folder.resolve("model.zip")));
	}

	@Test
	void aLearnerThatIsKilledIsAnError() throws Exception {
		Job job = train(FOREVER, new AtFirstStep(ignored -> {
			long killed = ProcessHandle.current().descendants()
				.filter(process -> process.info().command().orElse("").contains("fewlabel-learn")).filter(ProcessHandle::destroyForcibly).count();
			assertEquals(1, killed);
		}));
		FewlabelException error = assertThrows(FewlabelException.class, job::await);
		assertEquals("learner-lost", error.code());
		assertFalse(error.hint().isEmpty());
	}

	@Test
	void aProgramThatIsNoLearnerIsAnError() throws Exception {
		Path program = Paths.get("/bin/false");
		assumeTrue(Files.isExecutable(program), "there is no /bin/false here");
		TrainRequest request = Checkout.tinyTraining(folder, 3).set("learner", program.toString());
		FewlabelException error = assertThrows(FewlabelException.class, () -> Fewlabel.train(request, null).await());
		assertTrue(error.code().startsWith("learner-"), error.code());
	}
}
