import { homedir } from 'node:os'
import { join, resolve } from 'node:path'
import { env } from 'node:process'

/** Where fetched servers are kept, outside every project: WWDB_CACHE_DIR, else `wwdb` in the user's cache folder (XDG). */
export function cacheDirectory(): string {
  if (env['WWDB_CACHE_DIR']) return resolve(env['WWDB_CACHE_DIR'])
  return join(env['XDG_CACHE_HOME'] || join(homedir(), '.cache'), 'wwdb')
}
