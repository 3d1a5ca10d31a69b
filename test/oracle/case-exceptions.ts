export const DENIED_THOUGH_DEPLOYED: Readonly<Record<string, string>> = {};
export const ADMITTED_THOUGH_REFUSED: Readonly<Record<string, string>> = {};
