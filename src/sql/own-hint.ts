/**
 * The hint in wwdb's own statements on users' tables. It changes nothing in how they are executed, and the server keeps it in the statement's digest: what
 * wwdb itself has asked is told apart from what applications send.
 */
export const ownHint = '/*+ QB_NAME(wwdb) */'

/** Characters from which on a server may keep neither the text of a statement nor its digest whole. */
const shortestCut = 500

/** A question of wwdb, with the hint where servers may cut it: without, what is left of it might name any table. Pure. */
export function markLong(text: string): string {
  const isMarkable = text.length >= shortestCut && /^SELECT\s/.test(text) && !text.includes('/*+')
  return isMarkable ? `SELECT ${ownHint} ${text.slice('SELECT '.length)}` : text
}
