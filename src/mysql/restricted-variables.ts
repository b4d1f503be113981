import type { SessionConfig } from '../config/config.ts'
import { assignVariable, listMeaningVariables, normalValue } from '../config/session-variables.ts'
import type { Target } from '../core/target.ts'
import { ToolError } from '../core/tool-error.ts'
import { quoteString } from '../sql/quote-name.ts'
import type { Asker } from './connection.ts'
import { hasNumber } from './errors.ts'

/** What the server gives a session, before it is pinned; variables that its version does not have are absent. */
export type GivenVariables = ReadonlyMap<string, string>

const looked = [
  'group_replication_consistency',
  'group_replication_single_primary_mode',
  'wsrep_provider',
  ...listMeaningVariables(new Map()).map(([name]) => name),
]

/**
 * A row with name and value for each variable that the version has; the session's value changes with the pins, so it is read
 * before them.
 */
export const selectGiven = `SHOW SESSION VARIABLES WHERE Variable_name IN (${looked.map(quoteString).join(',')})`

interface Unpinned {
  readonly name: string
  readonly wanted: string
  readonly given: string
}

/** The variables whose value here differs from the session's. */
function findDifferent(
  session: SessionConfig,
  given: GivenVariables,
): readonly (Unpinned & { assignment: string; restricted: boolean })[] {
  return listMeaningVariables(session.variables).flatMap(([name, variable, wanted]) => {
    const value = given.get(name)
    if (value === undefined || normalValue(value) === normalValue(wanted)) return []
    const assignment = assignVariable(name, variable, wanted)
    return [{ name, wanted, given: value, assignment, restricted: variable.restricted === true }]
  })
}

/** 1193: the version does not have it; 1227: a privilege is missing; 1238: it cannot be set. */
const cannotSet = [1193, 1227, 1238]

/**
 * Pins the variables that need a privilege to be set, where the server's value differs: other servers cost no query. @returns what further connections of the same session have to set, and what may not be set
 */
export async function pinRestricted(
  connection: Asker,
  session: SessionConfig,
  given: GivenVariables,
): Promise<{ readonly morePins: readonly string[]; readonly refused: readonly Unpinned[] }> {
  const different = findDifferent(session, given).filter(({ restricted }) => restricted)
  const morePins: string[] = []
  const refused: Unpinned[] = []
  for (const one of different) {
    try {
      await connection.ask(`SET SESSION ${one.assignment}`)
      morePins.push(one.assignment)
    } catch (error) {
      if (!hasNumber(error, ...cannotSet)) throw error
      refused.push(one)
    }
  }
  return { morePins, refused }
}

/** How the configuration names the value that the server gives. */
function renderChoice(name: string, value: string): string {
  const text = normalValue(value)
  const form = listMeaningVariables(new Map()).find(([known]) => known === name)?.[1].form
  if (form === 'switch') return `"${name}": ${text === '1'}`
  return form === 'number' ? `"${name}": ${value}` : `"${name}": "${text === '' ? '' : value}"`
}

/** Statements of users must not run where they would mean something else. Throws ToolError `SESSION_NOT_PINNED` (78). */
export function refuseUnpinned(refused: readonly Unpinned[], { server, database }: Target): void {
  if (refused.length === 0) return
  throw new ToolError(
    'SESSION_NOT_PINNED',
    refused.map(({ name, wanted, given }) => ({
      what: `The server at ${server} gives its sessions \`${name}\` ${given}, but this user cannot set it to ${wanted}.`,
      where: { server, database },
      why: 'Migrations would have a different meaning there than on other servers.',
      next: `Grant the user SESSION_VARIABLES_ADMIN (before MySQL 8.0.14 SYSTEM_VARIABLES_ADMIN), or accept the value of the server with \`"session": {"variables": {${renderChoice(name, given)}}}\` in the configuration.`,
    })),
  )
}

/**
 * A note about variables for which clients have other values, where the configuration sets none; null where there are none.
 */
export function describeVariables(session: SessionConfig, server: string, given: GivenVariables): string | null {
  const open = findDifferent(session, given).filter(({ name }) => !session.variables.has(name))
  if (open.length === 0) return null
  const list = open
    .map((one) => `${one.name} ${one.given || 'empty'} (migrations: ${one.wanted || 'empty'})`)
    .join(', ')
  const choices = open.map(({ name, given: value }) => renderChoice(name, value)).join(', ')
  return `Clients of ${server} have other session variables than migrations: ${list}. Set \`session.variables\` to the values for migrations; clients have {${choices}}.`
}
