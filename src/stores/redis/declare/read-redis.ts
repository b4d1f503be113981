import { createHash } from 'node:crypto'
import { closestName } from '../../../core/closest-name.ts'
import type { Fault } from '../../../core/tool-error.ts'
import { checkDocument } from '../../declare/check-document.ts'
import type { DeclarationDocument } from '../../declare/declaration-document.ts'
import type { KeyFamily, RedisDeclaration, UserDeclaration } from '../declaration.ts'
import { checkFamilies } from './check-families.ts'
import { mergeDocuments, type Placed } from './merge-documents.ts'
import { parseLifetime } from './quantities.ts'
import { type FamilyDocument, redisSchema, type UserDocument } from './schema.ts'
import { readSettings } from './settings.ts'

export type RedisOutcome =
  | { readonly type: 'declaration'; readonly declaration: RedisDeclaration }
  | { readonly type: 'faults'; readonly faults: readonly Fault[] }

/** Keys that `verify` looks at on each primary unless told. */
const usualSample = 1000

/**
 * What the files of a folder declare together, with the environment's prefix before names of users, keys and channels.
 * Passwords become hashes here: nothing behind this line knows one.
 */
export function readRedisDeclaration(documents: readonly DeclarationDocument[], prefix: string): RedisOutcome {
  const checked = documents.map((document) => checkDocument(document, redisSchema))
  const faults = checked.flatMap((one) => (one.type === 'faults' ? one.faults : []))
  if (faults.length > 0) return { type: 'faults', faults }
  const values = checked.flatMap((one) => (one.type === 'value' ? [{ value: one.value, document: one.document }] : []))
  const merged = mergeDocuments(values)
  const families = [...merged.families].map(([name, { value }]) => toFamily(name, value, prefix))
  const settings = readSettings(merged)
  const users = [...merged.users].map(([name, placed]) => toUser(name, placed, families, prefix))
  const all = [
    ...merged.faults,
    ...settings.faults,
    ...checkFamilies(merged, families),
    ...users.flatMap((user) => user.faults),
  ]
  if (all.length > 0) return { type: 'faults', faults: all }
  const cluster = merged.cluster?.value ?? null
  return {
    type: 'declaration',
    declaration: {
      cluster:
        cluster === null
          ? null
          : { replicas: Number(cluster.replicas), separateHosts: isTrue(cluster.separateHosts ?? false) },
      settings: settings.settings,
      users: users.map(({ user }) => user),
      families,
      sample: Number(merged.verify?.value.sample ?? usualSample),
    },
  }
}

function toFamily(name: string, document: FamilyDocument, prefix: string): KeyFamily {
  const lifetime = parseLifetime(document.ttl)
  return {
    name,
    prefix: `${prefix}${document.prefix}`,
    type: document.type,
    role: document.role,
    ttl: typeof lifetime === 'number' ? lifetime : null,
    owner: document.owner,
  }
}

interface ReadUser {
  readonly user: UserDeclaration
  readonly faults: readonly Fault[]
}

function toUser(
  name: string,
  { value, document, path }: Placed<UserDocument>,
  families: readonly KeyFamily[],
  prefix: string,
): ReadUser {
  const wanted = value.families ?? []
  const known = new Map(families.map((family) => [family.name, family]))
  const unknown = wanted.flatMap((family, index): readonly Fault[] => {
    if (known.has(family)) return []
    const meant = closestName(family, known.keys())
    const next = meant === null ? 'Declare it under `families`.' : `Did you mean "${meant}"?`
    return [
      {
        what: `The user ${name} names a family that is not declared: ${family}.`,
        ...document.locate([...path, 'families', index]),
        next,
      },
    ]
  })
  const named = name === 'default' || !/^[\w.@-]+$/.test(name) ? [nameFault(name, document.locate(path))] : []
  return {
    faults: [...named, ...unknown],
    user: {
      name: `${prefix}${name}`,
      enabled: isTrue(value.enabled ?? true),
      passwordHashes: hashAll(value.password),
      keys: [
        ...wanted.flatMap((family) => known.get(family)?.prefix ?? []).map((start) => `${escapeGlob(start)}*`),
        ...(value.keys ?? []).map((pattern) => `${escapeGlob(prefix)}${pattern}`),
      ],
      channels: (value.channels ?? []).map((pattern) => `${escapeGlob(prefix)}${pattern}`),
      commands: value.commands.map((rule) => rule.toLowerCase()),
    },
  }
}

/** Null where no password is given. */
function hashAll(password: UserDocument['password']): readonly string[] | null {
  const given = [password ?? []].flat().filter((one) => one !== '')
  return given.length === 0 ? null : given.map((one) => createHash('sha256').update(one).digest('hex'))
}

function nameFault(name: string, place: ReturnType<DeclarationDocument['locate']>): Fault {
  if (name === 'default') {
    return {
      what: 'The user default is not declared here.',
      ...place,
      why: 'Replicas and everything that gives no user log in as it: to change it in passing cuts them off.',
      next: 'Set its password with requirepass and masterauth, or switch it off by hand once nothing uses it.',
    }
  }
  return {
    what: `${JSON.stringify(name)} cannot be the name of a user.`,
    ...place,
    next: 'Use letters, digits, "_", "-", "." and "@".',
  }
}

function isTrue(value: boolean | 'true' | 'false'): boolean {
  return value === true || value === 'true'
}

/** A text as a pattern that matches it alone. */
function escapeGlob(start: string): string {
  return start.replace(/[\\*?[\]^]/g, '\\$&')
}
