// Never run: `types.test.mjs` compiles it. The types as an ES module sees them; see `types.ts`.

import * as core from "@fewlabel/core";
import { segment, type SegmentImageArgs, type SegmentImageResult } from "@fewlabel/core";

export const version: string = core.version;
export const inMemory: (args: SegmentImageArgs) => Promise<SegmentImageResult> = segment;
// @ts-expect-error there is no such export
core.openSession;
