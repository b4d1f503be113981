import { createHash } from 'node:crypto'
import { closestName } from '../../core/closest-name.ts'
import { parseSize } from '../../core/size.ts'
import type { Fault } from '../../core/tool-error.ts'
import type { Reading } from '../contract.ts'
import { checkDocuments, declarationJsonSchema, findDoubles, toFault } from '../declare/check-documents.ts'
import type { DeclarationDocument } from '../declare/read-declarations.ts'
import { checkFamilies } from './check-declaration.ts'
import { type Declaration, escapeGlob, type KeyFamily, type UserDeclaration } from './declaration.ts'
import {
  declaredPaths,
  type FamilyDocument,
  type Merged,
  mergeDocuments,
  type Placed,
  parseLifetime,
  redisSchema,
  type UserDocument,
} from './document.ts'
import { checkLibrary } from './functions.ts'

/** Keys of each primary that `verify` samples by default. */
const defaultSample = 1000

/** Reads the files of a folder as one declaration. Passwords are hashed here: nothing after this function knows one. */
export function readDeclaration(documents: readonly DeclarationDocument[]): Reading<Declaration> {
  const outcome = checkDocuments(documents, redisSchema)
  if (outcome.type === 'faults') return outcome
  const { checked } = outcome
  const merged = mergeDocuments(checked)
  const families = [...merged.families].map(([name, { value }]) => toFamily(name, value))
  const settings = readSettings(merged)
  const users = [...merged.users].map(([name, placed]) => toUser(name, placed, families))
  const all = [
    ...findDoubles(checked, declaredPaths),
    ...settings.faults,
    ...checkFamilies(merged, families),
    ...users.flatMap((user) => user.faults),
    ...[...merged.functions].flatMap(([name, { value, document }]) =>
      checkLibrary(name, value.code).map((objection) => toFault(document, objection)),
    ),
  ]
  if (all.length > 0) return { type: 'faults', faults: all }
  const cluster = merged.cluster?.value ?? null
  return {
    type: 'declaration',
    declaration: {
      cluster:
        cluster === null
          ? null
          : {
              replicas: Number(cluster.replicas),
              separateHosts: isTrue(cluster.separateHosts ?? false),
              primaries: cluster.primaries === undefined ? null : Number(cluster.primaries),
              remove: cluster.remove ?? [],
            },
      settings: settings.settings,
      users: users.map(({ user }) => user),
      families,
      functions: new Map([...merged.functions].map(([name, { value }]) => [name, value.code])),
      sample: Number(merged.verify?.value.sample ?? defaultSample),
    },
  }
}

function toFamily(name: string, document: FamilyDocument): KeyFamily {
  const lifetime = parseLifetime(document.ttl)
  return {
    name,
    prefix: document.prefix,
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
): ReadUser {
  const wanted = value.families ?? []
  const known = new Map(families.map((family) => [family.name, family]))
  const unknown = wanted.flatMap((family, index): readonly Fault[] => {
    if (known.has(family)) return []
    const meant = closestName(family, known.keys())
    const next = meant === null ? 'Declare it under `families`.' : `Did you mean \`${meant}\`?`
    return [
      {
        what: `The user \`${name}\` references a family that is not declared: \`${family}\`.`,
        ...document.locate([...path, 'families', index]),
        next,
      },
    ]
  })
  const named = name === 'default' || !/^[\w.@-]+$/.test(name) ? [nameFault(name, document.locate(path))] : []
  return {
    faults: [...named, ...unknown],
    user: {
      name,
      enabled: isTrue(value.enabled ?? true),
      passwordHashes: hashAll(value.password),
      keys: [
        ...wanted.flatMap((family) => known.get(family)?.prefix ?? []).map((start) => `${escapeGlob(start)}*`),
        ...(value.keys ?? []),
      ],
      channels: value.channels ?? [],
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
      what: 'The user `default` cannot be declared.',
      ...place,
      why: 'Replicas and clients that give no user log in with it: changing it would lock them out.',
      next: 'Set its password with requirepass and masterauth, or disable it by hand once nothing uses it.',
    }
  }
  return {
    what: `${JSON.stringify(name)} is not a valid user name.`,
    ...place,
    next: 'Use letters, digits, `_`, `-`, `.` and `@`.',
  }
}

function isTrue(value: boolean | 'true' | 'false'): boolean {
  return value === true || value === 'true'
}

interface ReadSettings {
  /** By the server's own names. */
  readonly settings: ReadonlyMap<string, string>
  readonly faults: readonly Fault[]
}

/** Settings that have their own key, and which one. */
const elsewhere: Readonly<Record<string, string>> = {
  save: 'persistence.snapshots',
  appendonly: 'persistence.appendOnly',
  appendfsync: 'persistence.fsync',
  maxmemory: 'memory.limit',
  'maxmemory-policy': 'memory.eviction',
}

/** Settings that must match between server and caller, or would show a secret: they belong in the server's own file. */
const neverHere =
  /^(?:requirepass|masterauth|masteruser|.*-pass|user|aclfile|port|tls-port|bind|unixsocket|dir|dbfilename|pidfile|logfile|cluster-enabled|cluster-config-file|include|loadmodule|rename-command|replicaof|slaveof)$/

/** All sections as settings of the server. */
function readSettings(merged: Merged): ReadSettings {
  const faults = [...merged.settings].flatMap(([name, { document, path }]): readonly Fault[] => {
    const place = Object.hasOwn(elsewhere, name) ? elsewhere[name] : undefined
    if (place !== undefined)
      return [
        {
          what: `The setting \`${name}\` has its own key in the declaration.`,
          ...document.locate(path),
          next: `Declare it as ${place}.`,
        },
      ]
    if (neverHere.test(name))
      return [
        {
          what: `The setting \`${name}\` cannot be declared.`,
          ...document.locate(path),
          next: 'Set it in the configuration file of the server.',
        },
      ]
    if (!/^[a-z][a-z0-9-]*$/.test(name))
      return [
        {
          what: `${JSON.stringify(name)} is not a valid setting name.`,
          ...document.locate(path),
          next: 'Write it as CONFIG GET shows it: maxmemory-samples.',
        },
      ]
    return []
  })
  const settings = new Map([...persistenceSettings(merged), ...memorySettings(merged)])
  for (const [name, { value }] of merged.settings) settings.set(name, toText(value))
  return { settings, faults }
}

function* persistenceSettings({ persistence }: Merged): Generator<readonly [string, string]> {
  const { snapshots, appendOnly, fsync } = persistence?.value ?? {}
  if (snapshots !== undefined) {
    const points = snapshots.map(({ after, changes }) => `${Number(parseLifetime(after)) / 1000} ${Number(changes)}`)
    yield ['save', points.join(' ')]
  }
  if (appendOnly !== undefined) yield ['appendonly', toText(appendOnly === true || appendOnly === 'true')]
  if (fsync !== undefined) yield ['appendfsync', fsync]
}

function* memorySettings({ memory }: Merged): Generator<readonly [string, string]> {
  const { limit, eviction } = memory?.value ?? {}
  if (limit !== undefined) yield ['maxmemory', String(parseSize(limit) ?? 0)]
  if (eviction !== undefined) yield ['maxmemory-policy', eviction]
}

function toText(value: string | number | boolean): string {
  return typeof value === 'boolean' ? (value ? 'yes' : 'no') : String(value)
}

/** The JSON Schema of a file of `migrations/redis`. */
export function jsonSchema(): object {
  return declarationJsonSchema(redisSchema, 'Redis')
}
