import core from "./index.cjs";

export const { FewlabelError, classify, configure, describe, evaluate, exportModel, pretrain, run, segment, train, version } = core;
