import { type ImportedItem, type NotDeclarable, type StoreContents, toItem } from '../import-items.ts'
import { notHandedOut, rightsOf } from './plan-tokens.ts'
import type { ObservedContent, ObservedToken } from './ports.ts'
import { fluxDuration } from './time.ts'

type Imported = Omit<StoreContents, 'version'>

export function importBuckets({ buckets }: ObservedContent): Imported {
  const items = buckets.map(({ name, description, rule }) =>
    toItem({ kind: 'bucket', name }, 'buckets', ['buckets', name], {
      ...(description === '' ? {} : { description }),
      retention: rule.seconds === 0 ? 'forever' : fluxDuration(rule.seconds),
      shardGroup: fluxDuration(rule.shardGroupSeconds),
    }),
  )
  return { items, notDeclarable: [] }
}

/** Tokens with rights on buckets alone. A secret is known to its clients only, so the files name a place for the next one. */
export function importTokens(content: ObservedContent): Imported {
  const found = content.tokens
    .filter(({ description, isOwn }) => !isOwn && !description.endsWith(notHandedOut))
    .map((token) => importToken(token, content))
  return {
    items: found.filter((one) => 'value' in one),
    notDeclarable: found.filter((one) => 'why' in one),
  }
}

function importToken(token: ObservedToken, content: ObservedContent): ImportedItem | NotDeclarable {
  const { id, description, permissions } = token
  const resource = { kind: 'token', name: description }
  if (description === '') {
    return { resource: { kind: 'token', name: id }, why: 'It has no description, which would be its name in a file.' }
  }
  const rights = permissions.map(({ action, kind, id: of }) => ({
    action,
    bucket: kind === 'buckets' ? content.buckets.find((bucket) => bucket.id === of)?.name : undefined,
  }))
  if (rights.some(({ bucket }) => bucket === undefined)) {
    return { resource, why: `It has rights on more than buckets by name: ${rightsOf(token, content)}.` }
  }
  const list = (wanted: string): object => {
    const names = rights.flatMap(({ action, bucket }) => (action === wanted && bucket !== undefined ? [bucket] : []))
    return names.length === 0 ? {} : { [wanted]: [...new Set(names)] }
  }
  const file = `../../.wwdb/tokens/${description.replaceAll(/[^\p{L}\p{N}._-]+/gu, '_')}.token`
  return toItem(resource, 'access', ['access', description], { ...list('read'), ...list('write'), file })
}

/** Those that somebody made; the server's own follow from its buckets. */
export function importMappings({ mappings, buckets }: ObservedContent): Imported {
  const found = mappings
    .filter(({ isVirtual }) => !isVirtual)
    .map(({ database, retentionPolicy, bucketId, isDefault }): ImportedItem => {
      const resource = { kind: 'DBRP mapping', name: `${database}/${retentionPolicy}` }
      const bucket = buckets.find(({ id }) => id === bucketId)?.name ?? bucketId
      const value = { database, retentionPolicy, bucket, ...(isDefault ? { default: true } : {}) }
      return { ...toItem(resource, 'access', ['mappings'], value), path: ['mappings'], key: null }
    })
  return { items: found, notDeclarable: [] }
}
