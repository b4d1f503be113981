import type { StoreResource } from '../../core/store.ts'
import type { MongodbDeclaration } from './declaration.ts'
import type { MongodbCatalogue } from './observation.ts'
import { planRoles, planUsers } from './plan-access.ts'
import { eachCollection, planCollections } from './plan-collections.ts'
import type { Counts } from './plan-indexes.ts'
import type { PlannedChange } from './planned.ts'

/** What brings everything but the set to what is declared: roles and collections, then indexes, then users. */
export function planCatalogue(
  declaration: MongodbDeclaration,
  catalogue: MongodbCatalogue,
  counts: Counts,
): readonly PlannedChange[] {
  return [
    ...planCollections(declaration, catalogue, counts),
    ...planRoles(declaration, catalogue),
    ...planUsers(declaration, catalogue),
  ]
}

/** Everything that is declared, in the order of the plan. */
export function declaredResources(declaration: MongodbDeclaration, hosts: readonly string[]): readonly StoreResource[] {
  const { replicaSet, roles, users } = declaration
  return [
    ...(replicaSet === null ? [] : [{ kind: 'replica set', name: replicaSet.name }]),
    ...(replicaSet === null ? [] : hosts.map((name) => ({ kind: 'replica set member', name }))),
    ...eachCollection(declaration).flatMap(({ database, collection }) => [
      { kind: 'collection', name: `${database}.${collection.name}` },
      ...(collection.validator === null ? [] : [{ kind: 'validator', name: `${database}.${collection.name}` }]),
      ...collection.indexes.map(({ name }) => ({ kind: 'index', name: `${database}.${collection.name}.${name}` })),
    ]),
    ...roles.map(({ name, database }) => ({ kind: 'role', name: `${database}.${name}` })),
    ...users.map(({ name, database }) => ({ kind: 'user', name: `${database}.${name}` })),
  ]
}

/** What no change concerns. A new collection comes with its validator, a new set with its members. */
export function unchangedResources(
  all: readonly StoreResource[],
  changes: readonly PlannedChange[],
): readonly StoreResource[] {
  const key = ({ kind, name }: StoreResource): string => JSON.stringify([kind, name])
  const changed = new Set(changes.map(({ change }) => key(change.resource)))
  const initiated = changes.some(({ act }) => act.type === 'initiate')
  return all.filter((resource) => {
    if (changed.has(key(resource))) return false
    if (resource.kind === 'replica set member') return !initiated
    return !(resource.kind === 'validator' && changed.has(key({ kind: 'collection', name: resource.name })))
  })
}
