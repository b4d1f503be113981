import type { Config } from '../config/config.ts'
import type { Target } from '../core/target.ts'
import type { SetRecord } from './ports.ts'
import type { ProvisionedSet, ProvisionTemplate } from './provision.ts'

type Project = Pick<Config, 'databases'>

const iso = (instant: number): string => new Date(instant).toISOString()

function databasesOf({ schemas }: SetRecord, { databases }: Project): readonly Target[] {
  const home = databases[0]?.server.label ?? ''
  return schemas.map(({ database, schema, server }) => ({ database, schema, server: server === '' ? home : server }))
}

/** A set as it is shown. */
export function describeSet(record: SetRecord, project: Project): ProvisionedSet {
  const { name, prefix, owner, state, lease, held, createdAt, expiresAt, template, stores } = record
  return {
    name,
    prefix,
    owner,
    state,
    lease,
    inUse: held,
    createdAt: iso(createdAt),
    expiresAt: expiresAt === null ? null : iso(expiresAt),
    template: template === null ? null : checksumOf(template),
    stores,
    databases: databasesOf(record, project),
  }
}

/** A template as it is shown. */
export function describeTemplate(record: SetRecord, inUse: boolean, project: Project): ProvisionTemplate {
  const { name, state, createdAt, usedAt } = record
  const databases = databasesOf(record, project)
  return { checksum: checksumOf(name), state, inUse, createdAt: iso(createdAt), usedAt: iso(usedAt), databases }
}

function checksumOf(name: string): string {
  return name.replace(/^template\//, '')
}
