// Never run: `types.test.mjs` compiles it. What must not compile is marked.

import {
  classify,
  configure,
  describe,
  evaluate,
  exportModel,
  FewlabelError,
  pretrain,
  run,
  segment,
  train,
  version,
  type ErrorCode,
  type Job,
  type JobEvent,
  type PretrainResult,
  type TrainResult,
} from "@fewlabel/core";
import core = require("@fewlabel/core");

configure({ learner: "fewlabel-learn", modelsDir: "models" });
// @ts-expect-error there is no such option
configure({ runtime: "there" });

export async function fromMemory(signal: AbortSignal): Promise<number> {
  const image = { data: new Uint16Array(4), shape: { y: 2, x: 2 }, pixelSize: { y: 0.2, x: 0.2, unit: "µm" } };
  const result = await segment({ model: "nuclei", image }, { signal, onProgress: ({ step, total }) => void (step / (total ?? 1)) });
  const labels: Uint32Array = result.labels;
  // @ts-expect-error labels of pixels in memory are no list of files
  result.images;
  // @ts-expect-error a size along x is missing
  await segment({ model: "nuclei", image: { ...image, shape: { y: 2 } } });
  // @ts-expect-error pixels are no 64-bit numbers
  await segment({ model: "nuclei", image: { ...image, data: new Float64Array(4) } });
  return labels.length + result.shape.t;
}

export async function fromFiles(): Promise<string | undefined> {
  const { images } = await segment({ model: "otsu", images: ["a.tif"], output: "out", device: "cuda:1", existing: "skip" });
  // @ts-expect-error files need a folder for the outputs
  await segment({ model: "otsu", images: ["a.tif"] });
  // @ts-expect-error JavaScript uses camelCase
  await segment({ model: "otsu", images: ["a.tif"], output: "out", object_diameter: 3 });
  return images[0]?.labels ?? images[0]?.error?.hint;
}

export async function kinds(): Promise<number> {
  const { images, counts, classes } = await classify({ model: "cells", images: ["in"], output: "kinds.csv", recursive: true });
  // @ts-expect-error the classes of files go into a table
  await classify({ model: "cells", images: ["in"] });
  const { kinds } = await evaluate({ predictions: ["kinds.csv"], labels: ["labels.csv"], find: "kinds" });
  const { opset } = await exportModel({ model: "cells", as: "onnx", output: "cells.onnx" });
  // @ts-expect-error there is no such form
  await exportModel({ model: "cells", as: "pdf", output: "cells.pdf" });
  return opset + (kinds?.auc ?? counts[classes.indexOf(images[0]?.planes[0]?.class ?? "")] ?? 0);
}

export async function training(): Promise<boolean> {
  const job: Job<TrainResult> = train({ images: ["a.tif"], labels: ["b.tif"], save: "mine.zip", minutes: 5, objectDiameter: "from labels" });
  for await (const event of job) {
    switch (event.event) {
      case "progress":
        event.metrics?.trainingError?.toFixed(3);
        break;
      case "log":
        event.message.trim();
        break;
      case "preview":
      case "artifact":
        event.path.trim();
        break;
      default:
        never(event);
    }
  }
  job.finishEarly();
  job.cancel();
  return (await job.done).helped;
}

export async function withoutLabels(signal: AbortSignal): Promise<number | null> {
  const job: Job<PretrainResult> = pretrain({ images: ["a.tif"], save: "start.zip", method: "contrast-proxy", maskRatio: 0.5 }, { signal });
  // @ts-expect-error there is no such method
  pretrain({ images: ["a.tif"], save: "start.zip", method: "gan" });
  // @ts-expect-error labels are for train
  pretrain({ images: ["a.tif"], labels: ["b.tif"], save: "start.zip" });
  const { restorationError, leftOut } = await job.done;
  return restorationError ?? leftOut;
}

function never(event: never): void {
  void event;
}

export async function others(): Promise<void> {
  const scores = await evaluate({ predictions: ["p"], labels: ["l"] });
  scores.objectsPooled?.ap_50_90.toFixed();
  (await describe({ path: "nuclei" })).model?.channels.join();
  const answer = await run({ contract: 1, entry: "bench", args: { model: "nuclei" } }, { onEvent: (event: JobEvent) => void event.event });
  answer.canonical.trim();
  try {
    await core.describe();
  } catch (error) {
    if (error instanceof FewlabelError) {
      const code: ErrorCode = error.code;
      // @ts-expect-error there is no such code
      if (error.code === "bad-luck") throw error;
      void [code, error.hint?.trim(), error.context.field, version.length];
    }
  }
  // @ts-expect-error only the package makes errors
  new FewlabelError();
}
