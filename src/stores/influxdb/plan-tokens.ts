import type { StoreDifference, StoreLoss } from '../store-plan.ts'
import type { TokenDeclaration } from './declaration.ts'
import { asDeclared, change, type Planned, together } from './plan-parts.ts'
import type { ObservedContent, ObservedToken, ServerWrite, TokenOrder } from './ports.ts'

/** Follows a token's name until the token is in its file: it marks a token that no client has. */
export const notHandedOut = ' (not handed out yet)'

export function planTokens(declared: readonly TokenDeclaration[], content: ObservedContent): Planned {
  return together(declared.map((token) => planToken(token, content)))
}

function planToken(token: TokenDeclaration, content: ObservedContent): Planned {
  const unfinished = content.tokens.filter(({ description }) => description === token.name + notHandedOut)
  const named = content.tokens.filter(({ description }) => description === token.name)
  const right = named.filter((one) => rightsOf(one, content) === declaredRights(token))
  const kept = right.find(({ active }) => active) ?? right[0]
  if (kept === undefined) return issue(token, content, named, unfinished)
  const surplus = named.filter(({ id }) => id !== kept.id)
  return together([
    planKept(token, kept),
    ...surplus.map((one) => revokeSurplus(one)),
    ...unfinished.map((one) => removeUnfinished(one)),
  ])
}

function planKept(token: TokenDeclaration, kept: ObservedToken): Planned {
  const resource = { kind: 'token', name: token.name }
  if (kept.active) return asDeclared(resource)
  const differences = [{ path: 'status', actual: 'inactive', declared: 'active' }]
  const summary = `activate token ${token.name}`
  return change({ resource, action: 'update', summary, differences }, { type: 'activate-token', id: kept.id })
}

function issue(
  token: TokenDeclaration,
  content: ObservedContent,
  named: readonly ObservedToken[],
  unfinished: readonly ObservedToken[],
): Planned {
  const resource = { kind: 'token', name: token.name }
  const order: TokenOrder = {
    name: token.name,
    read: token.read.map((name) => bucketId(name, content)),
    write: token.write.map((name) => bucketId(name, content)),
    file: token.file,
    replaces: [...named, ...unfinished].map(({ id }) => id),
  }
  const write: ServerWrite = { type: 'issue-token', organizationId: content.organization.id, token: order }
  const rights = declaredRights(token)
  if (named.length === 0) {
    const summary = `issue token ${token.name} (${rights}) into ${token.file}`
    return change({ resource, action: 'create', summary }, write)
  }
  const differences: readonly StoreDifference[] = named.map((one) => ({
    path: 'rights',
    actual: rightsOf(one, content),
    declared: rights,
  }))
  const summary = `issue token ${token.name} (${rights}) again into ${token.file}, because the permissions of a token cannot be changed`
  return change({ resource, action: 'replace', summary, differences, loss: revocation(named) }, write)
}

function revokeSurplus(token: ObservedToken): Planned {
  return change(
    {
      resource: { kind: 'token', name: `${token.description} (${token.id})` },
      action: 'remove',
      summary: `revoke the surplus token ${token.description} (${token.id})`,
      loss: revocation([token]),
    },
    { type: 'revoke-token', id: token.id, file: null },
  )
}

/** A run that was killed between creating a token and writing it to its file left it. No client can have it. */
function removeUnfinished(token: ObservedToken): Planned {
  const resource = { kind: 'token', name: `${token.description} (${token.id})` }
  const summary = `remove token ${token.id}, which a killed run created but did not write to its file`
  return change({ resource, action: 'remove', summary }, { type: 'revoke-token', id: token.id, file: null })
}

function revocation(tokens: readonly ObservedToken[]): StoreLoss {
  return {
    code: 'revoked-token',
    why: 'Clients that use the old token are refused from then on.',
    affected: tokens.map(({ id, description }) => `${description} (${id})`),
  }
}

function declaredRights(token: TokenDeclaration): string {
  return formatRights([...token.read.map((name) => `read ${name}`), ...token.write.map((name) => `write ${name}`)])
}

/** In the same words as the declaration, so that equal rights give equal texts. */
export function rightsOf(token: ObservedToken, content: ObservedContent): string {
  return formatRights(
    token.permissions.map(({ action, kind, id }) => {
      const bucket = content.buckets.find((one) => one.id === id)
      if (kind === 'buckets' && bucket !== undefined) return `${action} ${bucket.name}`
      return `${action} ${id === null ? `all ${kind}` : `${kind} ${id}`}`
    }),
  )
}

function formatRights(rights: readonly string[]): string {
  return rights.length === 0 ? 'none' : [...new Set(rights)].toSorted().join(', ')
}

function bucketId(name: string, content: ObservedContent): string {
  return content.buckets.find((bucket) => bucket.name === name)?.id ?? ''
}
