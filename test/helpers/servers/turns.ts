import { basename } from 'node:path'
import { env } from 'node:process'
import { fileURLToPath } from 'node:url'
import type { ServerVersion } from './shared-servers.ts'

const versions: readonly ServerVersion[] = ['9.7', '8.0']

/**
 * Which turn it is in a run of everything: files and cases that would be tried on both versions of MySQL are tried on one, and on the other
 * when the number is odd instead of even. Null in a run of some files and in a soak, which try all on both.
 */
const turn = env['WWDB_TEST_TURN'] ? Number(env['WWDB_TEST_TURN']) : null

/** The versions on which this run tries a file that takes turns. Of the files, each turn has about half on either. */
export function versionsInTurn(file: string): readonly ServerVersion[] {
  if (turn === null) return versions
  const letters = [...basename(fileURLToPath(file))].map((letter) => letter.codePointAt(0) ?? 0)
  return [versionAt(letters.reduce((sum, letter) => sum + letter, turn))]
}

/** Of cases that hold on both versions, those that this run tries on `version`: in a turn every other; the rest is for the other version. */
export function casesInTurn<Case>(cases: readonly Case[], version: ServerVersion): readonly Case[] {
  return turn === null ? cases : cases.filter((_, index) => versionAt(index + turn) === version)
}

function versionAt(number: number): ServerVersion {
  return number % 2 === 0 ? '9.7' : '8.0'
}
