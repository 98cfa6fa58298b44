import core from "./index.cjs";

export const { FewlabelError, configure, describe, evaluate, run, segment, train, version } = core;
