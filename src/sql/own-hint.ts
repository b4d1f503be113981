/**
 * The hint in wwdb's own statements on users' tables. It changes nothing in how they are executed, and the server keeps it in the statement's digest: what
 * wwdb itself has asked is told apart from what applications send.
 */
export const ownHint = '/*+ QB_NAME(wwdb) */'
