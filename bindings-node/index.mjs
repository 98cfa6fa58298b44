import core from "./index.cjs";

export const { FewlabelError, configure, describe, evaluate, pretrain, run, segment, train, version } = core;
