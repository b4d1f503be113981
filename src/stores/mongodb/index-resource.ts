import type { StoreResource } from '../store-plan.ts'

/**
 * An index as a resource, by a name that no other one has: `shop.orders.address.city_1`, and `shop."orders.old".at_1` where the collection has a dot itself. The name of a
 * database never has one.
 */
export function indexResource(database: string, collection: string, name: string): StoreResource {
  const whose = /[."]/.test(collection) ? JSON.stringify(collection) : collection
  return { kind: 'index', name: `${database}.${whose}.${name}` }
}
