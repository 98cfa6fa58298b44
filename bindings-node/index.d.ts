/** Segment microscopy images, and train from a handful of labels. */

/** The version of Fewlabel. */
export const version: string;

/** What went wrong; the names are stable. */
export type ErrorCode =
  | "invalid-request"
  | "not-found"
  | "unreadable-image"
  | "unsupported"
  | "limit-exceeded"
  | "bad-model"
  | "too-few-labels"
  | "out-of-memory"
  | "learner-missing"
  | "learner-lost"
  | "peer-lost"
  | "cancelled"
  | "io"
  | "internal";

/** Every error of this package. A cancelled job has the code `cancelled` and the name `AbortError`. */
export class FewlabelError extends Error {
  private constructor();
  readonly name: "FewlabelError" | "AbortError";
  readonly code: ErrorCode;
  /** What you can do about it. */
  readonly hint?: string;
  /** Names and values that matter: `file`, `field`, `value`. */
  readonly context: Readonly<Record<string, string>>;
  /** What lies beneath, outermost first. */
  readonly causes: readonly string[];
}

/** Where things lie. What is left out is looked for in the usual places, all of them outside an asar archive. */
export interface Configuration {
  /** The learner program, which training needs. */
  learner?: string;
  /** A folder where models are found by name; in the main thread only. */
  modelsDir?: string;
  /** The folder for what can be fetched again, the training add-on among it; in the main thread only. */
  cacheDir?: string;
}

/**
 * Says where things lie. Call it before the first job.
 * @throws FewlabelError `invalid-request` for an option that does not exist, or after the first job
 */
export function configure(options: Configuration): void;

/** How far a phase has come. */
export interface Progress {
  event: "progress";
  /** What is being done, in words for a person: `training`, `segmenting`. */
  phase: string;
  step: number;
  /** Steps in all, as far as is known. */
  total?: number;
  /** Named numbers: `trainingError`, `ap50`. */
  metrics?: Record<string, number>;
  /** Seconds that remain, as far as can be told. */
  remaining?: number;
}

/** A picture to look at while waiting, as a PNG file that lives as long as the job. */
export interface Preview {
  event: "preview";
  step: number;
  path: string;
}

/** A line for the log. */
export interface Log {
  event: "log";
  level: "debug" | "info" | "warning";
  message: string;
}

/** A file was written and is final. */
export interface Artifact {
  event: "artifact";
  path: string;
  sha256: string;
}

export type JobEvent = Progress | Preview | Log | Artifact;

/** What every call takes beside its arguments. */
export interface Options {
  /** Cancels the job: the promise rejects with an AbortError when the job has stopped. */
  signal?: AbortSignal;
  /** Called with how far the job has come. What it throws cancels the job and becomes its error. */
  onProgress?(progress: Progress): void;
}

/**
 * A job that runs on threads of its own and keeps the process alive until it has ended.
 *
 * Iterate over it for its events; what went wrong is thrown behind the last one. Or await `done` alone. When nobody fetches
 * them, old progress makes room for new events; artifacts and the result are never lost.
 */
export interface Job<Result> extends AsyncIterable<JobEvent> {
  /** Its number, unique in this process; undefined when it could not be started. */
  readonly id: number | undefined;
  readonly status: "queued" | "running" | "ended";
  /** The result; rejects with a FewlabelError. */
  readonly done: Promise<Result>;
  /** Asks it to stop now: `done` rejects with an AbortError. */
  cancel(): void;
  /** Asks it to stop and keep the best so far: `done` resolves with that. */
  finishEarly(): void;
}

export type Find = "objects" | "areas" | "kinds";
export type Existing = "error" | "skip" | "overwrite";
/** `cuda` and `cuda:N` name a GPU. */
export type Device = "auto" | "cpu" | "cuda" | `cuda:${number}`;

/** Pixels in memory, in order `t z c y x`, x fastest. They are copied before the call returns. */
export interface PixelImage {
  data: Uint8Array | Uint8ClampedArray | Uint16Array | Uint32Array | Float32Array;
  /** Extent along the axes; one that is left out is 1. */
  shape: { t?: number; z?: number; c?: number; y: number; x: number };
  /** Size of a pixel; y and x must be equal. Without it the image counts as not calibrated. */
  pixelSize?: { y: number; x: number; unit?: string };
  /** Whether the three channels are red, green and blue. */
  rgb?: boolean;
  /** Name the outputs get; `image` by default. */
  name?: string;
}

/** What segmenting files and segmenting pixels in memory have in common. */
export interface SegmentSettings {
  /** Name or file of the model. `otsu` is built in: a classical baseline without learning. */
  model: string;
  /** Channels of the images that the model reads, in its order: names, or numbers from 1. */
  channels?: string[];
  /** Kind of file for labels and maps: `nifti` for NIfTI images by default, else `imagej`, or `ome-tiff` for what that does not hold. */
  format?: "imagej" | "ome-tiff" | "ome-zarr" | "nifti" | "png";
  /** How the columns of `objects.csv` are called: `fewlabel` by default. */
  columns?: "fewlabel" | "imagej";
  /** Also write outlines as an ImageJ ROI zip. */
  rois?: boolean;
  /** Also write the probability maps. */
  probabilities?: boolean;
  /** Also write where the model is unsure. */
  uncertainty?: boolean;
  /** Also write a picture of the outlines on the image. */
  overlay?: boolean;
  /** Also write `report.html`. */
  report?: boolean;
  /** Side in pixels of the square that a tile writes; chosen for the memory budget by default. */
  tile?: number;
  /** Pixels read around a tile; half the receptive field by default. */
  halo?: number;
  /** Size of the objects, in the image's unit where it is calibrated, else in pixels; as in training by default. */
  objectDiameter?: number;
  /** Only this rectangle, in pixels: labels and maps have its size, tables and outlines tell places in the whole image. */
  region?: { x: number; y: number; width: number; height: number };
  /** Which planes are joined. */
  link?: "none" | "z" | "t";
  device?: Device;
  threads?: number;
  /** Memory budget in MB; 40 % of what the machine or its limits allow by default. */
  memory?: number;
  /** What to do with outputs that are there. */
  existing?: Existing;
  /** Go on with an interrupted run. */
  resume?: boolean;
  /** Look into folders below those given. */
  recursive?: boolean;
}

export interface SegmentFilesArgs extends SegmentSettings {
  /** Files, folders or `@list.txt`. */
  images: string[];
  /** Folder for the outputs. */
  output: string;
  image?: undefined;
}

export interface SegmentImageArgs extends Omit<SegmentSettings, "resume" | "recursive"> {
  image: PixelImage;
  /** Folder for outputs as files, beside the labels that come back. */
  output?: string;
  /** Outputs that are there are never taken instead: the labels come back. */
  existing?: Exclude<Existing, "skip">;
  images?: undefined;
}

/** How one of several images fared. */
export interface SegmentedFile {
  /** Name of the image without its extension. */
  name: string;
  status: "done" | "skipped" | "failed";
  /** Number of objects, or of areas with a class. */
  objects: number;
  /** Where the label image lies. */
  labels?: string;
  /** Why it failed. */
  error?: { kind: ErrorCode; operation: string; message: string; context?: [string, string][]; hint?: string; causes?: string[] };
  seconds: number;
}

export interface SegmentFilesResult {
  /** One row an image, in the order of the request. */
  images: SegmentedFile[];
  /** Side in pixels of a tile; 0 when nothing was tiled. */
  tile: number;
  /** Halo in pixels. */
  halo: number;
}

export interface SegmentImageResult {
  name: string;
  status: "done";
  /**
   * The label of each pixel, 0 for background, in order `t z y x`; yours to keep and to change. Always 32 bits, so that the
   * type does not depend on how many objects there are.
   */
  labels: Uint32Array;
  /** Extent of `labels`, which have no channels: that of the image, or of the rectangle of it. */
  shape: { t: number; z: number; y: number; x: number };
  /** Number of objects, or of areas with a class. */
  objects: number;
  /** Where the label image lies, with `output`. */
  file?: string;
  seconds: number;
  tile: number;
  halo: number;
}

/** Images to labels: pixels in memory, or files. */
export function segment(args: SegmentImageArgs, options?: Options): Promise<SegmentImageResult>;
export function segment(args: SegmentFilesArgs, options?: Options): Promise<SegmentFilesResult>;

export interface ClassifyArgs {
  /** Name or file of a model of `kinds`. */
  model: string;
  /** Files, folders or `@list.txt`. */
  images: string[];
  /** Channels of the images that the model reads, in its order: names, or numbers from 1. */
  channels?: string[];
  /**
   * The table to write, `NAME.csv`: a row a plane, with `file` (seen from the folder given), `t`, `z`, `class`, `probability` and for each
   * class `p(CLASS)`. `NAME.run.json` comes beside it.
   */
  output: string;
  device?: Device;
  threads?: number;
  /** Memory budget in MB; 40 % of what the machine or its limits allow by default. */
  memory?: number;
  /** What to do when the table is there; `skip` keeps the rows of images that have not changed. */
  existing?: Existing;
  /** Look into folders below those given. */
  recursive?: boolean;
}

/** The class of one plane of an image. */
export interface ClassifiedPlane {
  /** Frame, from 1. */
  t: number;
  /** Slice, from 1. */
  z: number;
  /** The likeliest class. */
  class: string;
  /** Its probability. */
  probability: number;
  /** The probability of every class, in the order of `classes`. */
  probabilities: number[];
}

/** How one of several images fared. */
export interface ClassifiedImage {
  /** The file, seen from the folder given. */
  file: string;
  status: "done" | "skipped" | "failed";
  /** One row a plane; none where it failed. */
  planes: ClassifiedPlane[];
  /** Why it failed. */
  error?: SegmentedFile["error"];
}

export interface ClassifyResult {
  /** One row an image, in the order of the request. */
  images: ClassifiedImage[];
  /** Names of the classes, in the order of the model. */
  classes: string[];
  /** Planes of each class, in the order of `classes`. */
  counts: number[];
  /** Images that failed. */
  failed: number;
  /** Where the table lies. */
  output?: string;
  seconds: number;
}

/** The class of each image. For pixels in memory use `run`. */
export function classify(args: ClassifyArgs, options?: Options): Promise<ClassifyResult>;

export interface ExportArgs {
  /** Name or file of the model. */
  model: string;
  /** The form: an ONNX file with the network alone, whose metadata say how its input is made. */
  as?: "onnx";
  /** Version of ONNX's operators; that of the model by default. */
  opset?: number;
  /** The file to write. */
  output: string;
  /** What to do when it is there; `skip` keeps a file that is the very same. */
  existing?: Existing;
}

export interface ExportResult {
  /** Where the file lies. */
  output: string;
  sha256: string;
  opset: number;
  /** The operators that it uses. */
  operators: string[];
  /** Whether the model was compared with its test output; some models of other programs have none. */
  verified: boolean;
}

/** A model in another form. */
export function exportModel(args: ExportArgs, options?: Options): Promise<ExportResult>;

export interface TrainArgs {
  /** Files, folders or `@list.txt`. */
  images: string[];
  /**
   * Files, folders or `@list.txt`; each belongs to the image of the same stem. For `kinds` a table (`labels.csv`) with the columns `file` and
   * `class`, or a folder of class folders.
   */
  labels: string[];
  /** Channels of the images that the model is to read: names, or numbers from 1; all by default. */
  channels?: string[];
  /**
   * How volumes are cut into planes, by the directions that NIfTI files give; the axes `x y z` of others count as from left to right, back to
   * front, foot to head. As they are stored by default, or as `start` has it.
   */
  plane?: "axial" | "coronal" | "sagittal";
  /** The images always lie the same way round: they are not mirrored nor turned, but for a little. By default where all are NIfTI files. */
  upright?: boolean;
  /** Name or file of the model to write. */
  save: string;
  find?: Find;
  /** Model to start from: a name, a file, or `none`. */
  start?: string;
  /** What is taken over from `start`: everything that fits, or the encoder alone. */
  transfer?: "all" | "encoder";
  /** Learning rate of what is taken over, as a share of that of the rest; 0 leaves it as it is, 1 by default. */
  transferRate?: number;
  /** Budget of wall time, loading and saving included; 5 by default. Not together with `steps`. */
  minutes?: number;
  /** Budget in optimisation steps. */
  steps?: number;
  /** Whether pixels are contrasted by their labels: in a stage before fine-tuning, or beside it; `none` by default. */
  contrast?: "none" | "local" | "joint";
  /** Share of the budget that the stage takes; 0.33 by default. */
  contrastShare?: number;
  /** Peak learning rate of the stage; 0.0001 by default. */
  contrastRate?: number;
  /** Weight of the contrast beside fine-tuning; 0.1 by default. */
  contrastWeight?: number;
  /** What belongs together; `classes` by default. */
  contrastPositives?: "classes" | "objects" | "views" | "regions";
  /** How likeness within a class is set against likeness to others; `share` by default. */
  contrastForm?: "share" | "ratio" | "ratio-mean";
  /** Which pixels are contrasted; `per-class` by default. */
  contrastSampling?: "per-class" | "stride" | "block" | "full";
  /** Pixels of each class, stride, or side of a block: 256, 4 or 16 by default. */
  contrastPixels?: number;
  /** Temperature of the contrast; 0.1 by default. */
  contrastTemperature?: number;
  /** Leave the encoder as it is while fine-tuning. */
  freezeEncoder?: boolean;
  /**
   * What is done against learning the few labels by heart: mixing crops two by two, or consistency with the running average on images without
   * labels; `none` by default.
   */
  regularisation?: "none" | "mixup" | "consistency";
  /** Number of the Beta distribution that shares of `mixup` are drawn from; 0.2 by default. */
  mixupAlpha?: number;
  /** Weight of `consistency` at the end of its rise; 1 by default. */
  consistencyWeight?: number;
  /** Only the labels of the first names of `order` are opened. */
  first?: number;
  /** A text list of names, or `split.json#fewlabel_order.0`. */
  order?: string;
  /** Go on from the interrupted run that left `SAVE.partial/`. */
  resume?: boolean;
  /** Outlines are all there is in their images: what nobody drew is background. */
  dense?: boolean;
  /** Label value that means *not labelled*. */
  unlabelled?: number;
  /** Size of the objects, in the image's unit where it is calibrated, else in pixels. */
  objectDiameter?: number | "from labels";
  device?: Device;
  threads?: number;
  /** Seed of every random choice. */
  seed?: number;
  existing?: Existing;
  recursive?: boolean;
  /** Channels of the first level of the network. */
  width?: number;
  levels?: number;
  /** Normalisation layers of a new network; with `instance` a model segments whole planes only. */
  norm?: "batch" | "instance";
  /** Side in pixels of a training crop. */
  crop?: number;
  /** Crops a step. */
  batch?: number;
  /** Peak learning rate. */
  learningRate?: number;
  /** Where the learner program lies. */
  learner?: string;
}

export interface TrainResult {
  /** Where the model lies. */
  model: string;
  sha256: string;
  steps: number;
  labelledImages: number;
  labelledObjects: number;
  unlabelledImages: number;
  /** Scores on the labels kept aside, by name: `ap50`, `dice`, `accuracy`. */
  scores: Record<string, number>;
  /** The same scores of the start, before training. */
  startScores: Record<string, number>;
  /** Whether training made it better than the start. */
  helped: boolean;
  finishedEarly: boolean;
  /** Diameter of the objects in pixels, as estimated or given. */
  objectDiameter: number | null;
  seconds: number;
}

/** Few-label training. Comes back at once; whatever is wrong ends the job. */
export function train(args: TrainArgs, options?: Pick<Options, "signal">): Job<TrainResult>;

export interface PretrainArgs {
  /** Files, folders or `@list.txt`. */
  images: string[];
  /** Channels of the images that the model is to read: names, or numbers from 1; all by default. */
  channels?: string[];
  /**
   * How volumes are cut into planes, by the directions that NIfTI files give; the axes `x y z` of others count as from left to right, back to
   * front, foot to head. As they are stored by default, or as `start` has it.
   */
  plane?: "axial" | "coronal" | "sagittal";
  /** The images always lie the same way round: they are not mirrored nor turned, but for a little. By default where all are NIfTI files. */
  upright?: boolean;
  /** Name or file of the model to write. */
  save: string;
  /** How it learns; `tower` by default. `simclr`, `byol` and `contrast-proxy` train the encoder alone. */
  method?: "tower" | "simclr" | "byol" | "restore" | "mae" | "contrast-proxy" | "uncorrelated";
  /** Values for fields that are left open. `tower-paper`: as published, with the encoder of ResNet-50; hours on a graphics card. */
  preset?: "tower-paper";
  /** Model to start from: a name, a file, or `none`. */
  start?: string;
  /** Budget of wall time, loading and saving included; 10 by default. Not together with `steps`. */
  minutes?: number;
  /** Budget in optimisation steps. */
  steps?: number;
  /** Go on from the interrupted run that left `SAVE.partial/`. */
  resume?: boolean;
  /** Diameter in pixels of the objects in the images: they are brought to the size at which training sees them. */
  objectDiameter?: number;
  /** Share of the pixels that a mask hides. */
  maskRatio?: number;
  /** Temperature of the contrast. */
  temperature?: number;
  /** What the contrast of `tower`, `contrast-proxy` and `uncorrelated` tells apart; `places` by default. */
  contrast?: "places" | "crops" | "same-crops";
  /** Factor on the contrast; 1 by default. */
  contrastWeight?: number;
  /** What other crops of the same image are in the contrast; `negative` by default. */
  sameImage?: "negative" | "ignored";
  /** Weight of the restoration beside the contrast. */
  restorationWeight?: number;
  device?: Device;
  threads?: number;
  /** Seed of every random choice. */
  seed?: number;
  existing?: Existing;
  recursive?: boolean;
  /** Channels of the first level of the network. */
  width?: number;
  levels?: number;
  /** Normalisation layers of a new network; with `instance` a model segments whole planes only. */
  norm?: "batch" | "instance";
  /** Side in pixels of a crop. */
  crop?: number;
  /** Places a step; each gives the views that the method compares. */
  batch?: number;
  /** Places that are computed at a time, where memory is short. */
  microBatch?: number;
  /** Peak learning rate. */
  learningRate?: number;
  /** Where the learner program lies. */
  learner?: string;
}

export interface PretrainResult {
  /** Where the model lies. It finds nothing yet: it is a `start` for `train`. */
  model: string;
  sha256: string;
  steps: number;
  /** Images learned from. */
  images: number;
  /** Images that were left out because they could not be read or have other channels. */
  leftOut: number;
  /** Mean absolute difference between restored and true intensities (0 to 1) of images kept aside, where the method restores. */
  restorationError: number | null;
  /** Share of the views of images kept aside whose nearest view is that of the same place, where the method contrasts. */
  retrievalAccuracy: number | null;
  /** Number of independent directions that the projections of these views spread over, where the method contrasts. */
  effectiveRank: number | null;
  /** Whether it ended before its budget did: somebody asked for it, or nothing improved any more. */
  finishedEarly: boolean;
  seconds: number;
}

/** Learning from unlabelled images. Comes back at once; whatever is wrong ends the job. */
export function pretrain(args: PretrainArgs, options?: Pick<Options, "signal">): Job<PretrainResult>;

export interface EvaluateArgs {
  /** Predictions, label images or outlines: files, folders or `@list.txt`. For `kinds` the table that `classify` wrote. */
  predictions: string[];
  /** True labels, label images or outlines, partnered by stem. For `kinds` a table (`labels.csv`), or a folder of class folders. */
  labels: string[];
  find?: Find;
  /** Value of label images that means *not labelled*: such pixels are left out. */
  unlabelled?: number;
  /** True outlines are all there is in their images: what nobody drew is background. Else only what lies close around them is. */
  dense?: boolean;
  /** Planes of `areas` are compared at so many rows and columns instead of their own (nearest pixels). */
  grid?: number;
  recursive?: boolean;
}

/** Foreground overlap. */
export interface OverlapScores {
  dice: number;
  iou: number;
}

/** Object detection scores. */
export interface ObjectScores {
  /** At IoU 0.50, 0.55 ... 0.95. */
  ap: number[];
  ap50: number;
  /** Mean of `ap` over 0.50, 0.55 ... 0.90. */
  ap_50_90: number;
  found: number;
  missed: number;
  invented: number;
}

/** How one class of whole images fared. */
export interface KindScores {
  class: string;
  /** Images that are of it. */
  images: number;
  /** Share of these that were found to be of it. */
  recall?: number;
  /** Share of the images found to be of it that are. */
  precision?: number;
  /** Area under the ROC curve, this class against the rest. */
  auc?: number;
}

/** Scores of the classes of whole images. */
export interface KindsScores {
  /** Images (planes of stacks) with both a true and a predicted class. */
  images: number;
  accuracy: number;
  /** Mean of the classes' `auc`, of those that have one. */
  auc?: number;
  /** Classes that are true or predicted somewhere, sorted by name. */
  classes: KindScores[];
  /** How many images of each true class (rows) were taken for each class (columns), in the order of `classes`. */
  confusion: number[][];
}

export interface EvaluateResult {
  /** One row an image; none for `kinds`. */
  images: {
    name: string;
    overlap: OverlapScores;
    objects?: ObjectScores;
    /** Of each class in it, for `areas`: class, overlap. */
    perClass?: [number, OverlapScores][];
  }[];
  /** Means over images, for `objects` and `areas`. */
  mean?: OverlapScores;
  /** Overlap of each class with its pixels accumulated over all images: class, overlap. None for `kinds`. */
  perClass: [number, OverlapScores][];
  /** Means of each class over the images (volumes) that have it in truth or prediction, for `areas`: class, overlap. */
  meanPerClass?: [number, OverlapScores][];
  /** Overlap of all foreground pixels of all images together, for `objects` and `areas`. */
  micro?: OverlapScores;
  /** Means over images, for `objects`. */
  objects?: ObjectScores;
  /** Found, missed and invented added up over all images, for `objects`. */
  objectsPooled?: ObjectScores;
  /** Scores of the classes of whole images, for `kinds`. */
  kinds?: KindsScores;
}

/** Scores of predictions against labels. */
export function evaluate(args: EvaluateArgs, options?: Options): Promise<EvaluateResult>;

export interface DescribeArgs {
  /** Name or file of a model or an image; this installation by default. */
  path?: string;
  /** List what can compute here. */
  devices?: boolean;
  /** List the environment variables that are understood. */
  knobs?: boolean;
}

export interface DescribeResult {
  version: string;
  /** What each entry can do here. */
  entries?: { entry: string; does: string; built: boolean; ready: boolean; missing?: string }[];
  devices?: string[];
  /** Name, meaning, value now. */
  knobs?: [string, string, string | null][];
  model?: {
    name: string;
    description: string;
    /** What it finds; undefined for a model that has learned from unlabelled images only. */
    find?: Find;
    channels: string[];
    /** How it cuts volumes into planes; as they are stored by default. */
    plane?: "axial" | "coronal" | "sagittal";
    classes: Record<string, string>;
    objectDiameter?: number;
    trainable: boolean;
    parameters: number;
    sha256: string;
  };
  /** The image in words. */
  image?: string;
}

/** What a model, an image or this installation is. */
export function describe(args?: DescribeArgs, options?: Options): Promise<DescribeResult>;

/** A request in the contract's own words: its fields are written with underscores. */
export interface Request {
  contract: 1;
  entry: string;
  args?: object;
}

export interface RunOptions {
  signal?: AbortSignal;
  /** Called with every event. What it throws cancels the job and becomes its error. */
  onEvent?(event: JobEvent): void;
  /** Pixels that the request refers to by number. */
  buffers?: PixelImage["data"][];
}

export interface RunResult {
  /** The response in the contract's own words. */
  response: { entry: string; result: unknown };
  /** The response without paths, times and versions, in the form that every face of Fewlabel gives byte for byte. */
  readonly canonical: string;
  /** Pixels that the response refers to by number. */
  buffers: (Uint8Array | Uint16Array | Uint32Array | Float32Array)[];
}

/** Any request of the contract, as an object or as JSON; the JSON of a `run.json` does that run again. */
export function run(request: Request | string, options?: RunOptions): Promise<RunResult>;
