/** The tools that copy a table for an online change, by the names that `-- wwdb:online tool=` and `online.tool` take. */
export const onlineTools = ['pt-osc', 'gh-ost', 'spirit'] as const
export type OnlineTool = (typeof onlineTools)[number]

export const readOnlineTool = (text: string): OnlineTool | null => onlineTools.find((one) => one === text) ?? null
