import type { Undeclared } from '../find-drift.ts'
import type { InfluxDeclaration } from './declaration.ts'
import type { ObservedContent, ObservedToken } from './observation.ts'
import { notHandedOut, rightsOf } from './plan-tokens.ts'

/** What an organization holds and no file declares, the token of this run left out. It is left alone. */
export function findUndeclared(declaration: InfluxDeclaration, content: ObservedContent): readonly Undeclared[] {
  const buckets = new Set(declaration.buckets.map(({ name }) => name))
  const tasks = new Set(declaration.downsamplings.map(({ name }) => name))
  const tokens = new Set(declaration.tokens.flatMap(({ name }) => [name, name + notHandedOut]))
  const mappings = new Set(declaration.mappings.map((one) => `${one.database}/${one.retentionPolicy}`))
  return [
    ...content.buckets
      .filter(({ name }) => !buckets.has(name))
      .map(({ name, id }) => known('bucket', name, 'buckets', `influx bucket delete --id ${id}`)),
    ...content.tasks
      .filter(({ name }) => !tasks.has(name))
      .map(({ name, id }) => known('task', name, 'downsampling', `influx task delete --id ${id}`)),
    ...content.tokens
      .filter(({ description, isOwn }) => !tokens.has(description) && !isOwn)
      .map((token) => undeclaredToken(token, content)),
    ...content.mappings
      .map((mapping) => ({ ...mapping, name: `${mapping.database}/${mapping.retentionPolicy}` }))
      .filter(({ name, isVirtual }) => !isVirtual && !mappings.has(name))
      .map(({ name, id }) => known('DBRP mapping', name, 'mappings', `influx v1 dbrp delete --id ${id}`)),
  ]
}

function known(kind: string, name: string, place: string, removal: string): Undeclared {
  const next = `Declare it under "${place}", or remove it with \`${removal}\`.`
  return { resource: { kind, name }, detail: null, severity: 'warning', next }
}

/** An error only where it may do anything, and the token of this run is known: else it could be that one. */
function undeclaredToken(token: ObservedToken, content: ObservedContent): Undeclared {
  const { id, description, active } = token
  const all = maySetTokens(token)
  const rights = all ? 'it may do everything in the organization' : `rights: ${rightsOf(token, content)}`
  const isOwnKnown = content.tokens.some(({ isOwn }) => isOwn)
  return {
    resource: { kind: 'token', name: description === '' ? id : `${description} (${id})` },
    detail: active ? rights : `it is inactive; ${rights}`,
    severity: all && active && isOwnKnown ? 'error' : 'warning',
    next: `Find out who uses it; remove it with \`influx auth delete --id ${id}\`, or declare one with the rights that are needed under "access".`,
  }
}

/** Whoever makes tokens gives itself every right. */
function maySetTokens({ permissions }: ObservedToken): boolean {
  return permissions.some(({ action, kind, id }) => action === 'write' && kind === 'authorizations' && id === null)
}
