/** Rows opened in one write, at most. */
export const widestWindow = 128
