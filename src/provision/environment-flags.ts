import type { Flag } from '../command/define-command.ts'
import { storeKinds } from '../core/store.ts'
import { ToolError } from '../core/tool-error.ts'

/** The flags that `up` and `exec` share. */
export const environmentFlags = {
  name: {
    value: 'NAME',
    description: 'name of the test environment: its schemas are wwdb_NAME_DATABASE',
    otherwise: 'a new one',
  },
  expires: {
    value: 'DURATION',
    type: 'duration',
    description: 'after which time gc may drop it, for example 2h; none keeps it until it is dropped by hand',
    otherwise: '24h',
  },
  owner: { value: 'NAME', description: 'the owner of the test environment', otherwise: 'user@host' },
  with: {
    value: 'STORE',
    description: 'also a store besides MySQL, with its declared resources under the prefix; may be repeated',
    choices: storeKinds,
    repeatable: true,
  },
  commit: {
    value: 'REF',
    description:
      'create it from the files of this commit, for example origin/main; the configuration stays that of now',
    otherwise: 'the files of the project',
  },
  fresh: { description: 'create it from the definitions, not by cloning the template' },
} as const satisfies Readonly<Record<string, Flag>>

/** The flags of commands for a test environment that is there. */
export const existingFlags = {
  name: { value: 'NAME', description: 'name of the test environment' },
  owner: environmentFlags.owner,
} as const satisfies Readonly<Record<string, Flag>>

/** The name that must be given. Throws ToolError `USAGE`. */
export function refuseUnnamed(name: string | undefined): string {
  if (name !== undefined) return name
  const next = 'Give it with `--name`; `wwdb provision list` lists them.'
  throw new ToolError('USAGE', { what: 'No test environment is given.', next })
}
