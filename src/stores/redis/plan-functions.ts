import type { Undeclared } from '../find-drift.ts'
import type { StoreDifference, StoreLoss } from '../store-plan.ts'
import type { RedisChange } from './apply.ts'
import { refuse } from './errors.ts'
import { hasMark, markCode, namesFunction, type ObservedLibrary, plainCode, registeredFunctions } from './functions.ts'
import { describePlaces } from './members.ts'
import type { NodeWrite, ObservedNode } from './ports.ts'

/** Replicas get the functions of their primary. A node that has no slots yet may get some: which ones become replicas is seen when they are written to. */
function primariesOf(nodes: readonly ObservedNode[]): readonly ObservedNode[] {
  return nodes.filter(({ role }) => role === 'primary')
}

/** Whether a library could be compared at all: the configuration may name replicas alone, or every primary may be silent. */
export function hasPrimary(nodes: readonly ObservedNode[]): boolean {
  return primariesOf(nodes).length > 0
}

/**
 * One step for each library that differs on some primary.
 * @param pruned the libraries that are removed before.
 * @throws ToolError STORE_UNSUPPORTED for a server without functions, STORE_ACCESS_DENIED where they may not be listed, STORE_REFUSED where another library
 * has a function of this one.
 */
export function planFunctions(
  declared: ReadonlyMap<string, string>,
  nodes: readonly ObservedNode[],
  { prefix, pruned }: { readonly prefix: string; readonly pruned: readonly RedisChange[] } = { prefix: '', pruned: [] },
): readonly RedisChange[] {
  const gone = new Set(pruned.map(({ change }) => change.resource.name))
  return [...declared].flatMap(([name, code]) => {
    const primaries = primariesOf(nodes)
    const places = primaries.map((node) => ({ node, found: librariesOf(node).get(name) }))
    const differing = places.filter(({ found }) => found === undefined || plainCode(found.code) !== plainCode(code))
    const [first] = differing
    if (first === undefined) return []
    for (const { node } of differing) refuseTaken(name, code, node, gone)
    const where = differing.map(({ node }) => node.node)
    const isNew = differing.every(({ found }) => found === undefined)
    return [
      {
        change: {
          resource: { kind: 'function library', name },
          action: isNew ? 'create' : 'update',
          summary: `${isNew ? 'load' : 'replace'} function library ${name} ${describePlaces(where, primaries.length)}`,
          differences: differing.flatMap(({ node, found }) => differencesOf(node, found, code)),
          loss:
            lostFunctions(
              name,
              code,
              differing.flatMap(({ found }) => found ?? []),
            ) ?? lostCode(name, differing, prefix),
        },
        operation: {
          writes: where.map(
            (node): NodeWrite => ({ type: 'load-functions', node, library: name, code: markCode(name, code, prefix) }),
          ),
          until: 'at-once',
        },
      },
    ]
  })
}

function librariesOf({ node, version, functions }: ObservedNode): ReadonlyMap<string, ObservedLibrary> {
  if (functions.type === 'libraries') return functions.libraries
  if (functions.type === 'hidden') {
    const what = `The user of this run cannot list the functions of ${node}.`
    throw refuse('STORE_ACCESS_DENIED', node, what, 'Give it the rule `+function`.', functions.why)
  }
  throw refuse(
    'STORE_UNSUPPORTED',
    node,
    `Redis ${version} at ${node} has no functions.`,
    'Update it to Redis 7.0 or later, or declare no functions.',
  )
}

/** Reports the first different line of a node. */
function differencesOf(
  { node }: ObservedNode,
  found: ObservedLibrary | undefined,
  code: string,
): readonly StoreDifference[] {
  if (found === undefined) return [{ path: node, actual: null, declared: 'loaded' }]
  const [there, here] = [plainCode(found.code).split('\n'), plainCode(code).split('\n')]
  const at = here.findIndex((line, index) => line !== there[index])
  const line = at === -1 ? here.length : at
  return [
    { path: `${node} line ${line + 1}`, actual: there[line]?.trim() ?? null, declared: here[line]?.trim() ?? null },
  ]
}

/** On a server a function is in one library: the load would fail halfway, after other changes. */
function refuseTaken(name: string, code: string, node: ObservedNode, gone: ReadonlySet<string>): void {
  const registered = new Set(registeredFunctions(code))
  for (const [other, { functions }] of librariesOf(node)) {
    const taken = functions.find((one) => registered.has(one))
    if (other === name || gone.has(other) || taken === undefined) continue
    throw refuse(
      'STORE_REFUSED',
      node.node,
      `Function library \`${name}\` cannot be loaded on ${node.node}: its function \`${taken}\` is in the library \`${other}\`.`,
      `Take the function out of \`${other}\` and apply that first, or remove that library with \`wwdb setup apply --prune\`, where no file declares it any more, or with \`FUNCTION DELETE ${other}\`.`,
      'Redis has each function once, whatever its library.',
    )
  }
}

/** A function whose name is nowhere a text in the new code is gone; the server names those of code only once it is loaded. */
function lostFunctions(name: string, code: string, found: readonly ObservedLibrary[]): StoreLoss | null {
  const lost = [...new Set(found.flatMap(({ functions }) => functions))].filter((one) => !namesFunction(code, one))
  return lost.length === 0
    ? null
    : removal(`Calls of functions that \`${name}\` no longer has fail from then on.`, lost)
}

/** The digest says whether the code is still what wwdb wrote. */
function lostCode(
  name: string,
  places: readonly { readonly node: ObservedNode; readonly found: ObservedLibrary | undefined }[],
  prefix: string,
): StoreLoss | null {
  const others = places.filter(({ found }) => found !== undefined && !hasMark(name, found.code, prefix))
  if (others.length === 0) return null
  return removal(
    `The code of \`${name}\` is not as wwdb wrote it: the declared code takes its place, and the server keeps no copy.`,
    others.map(({ node }) => node.node),
  )
}

function removal(why: string, affected: readonly string[]): StoreLoss {
  return { code: 'removed-resource', why, affected }
}

/** Libraries of this environment that no file declares any more, and that are exactly what wwdb wrote. */
export function pruneFunctions(
  declared: ReadonlyMap<string, string>,
  nodes: readonly ObservedNode[],
  prefix = '',
): readonly RedisChange[] {
  const ours = new Map<string, { readonly nodes: string[]; readonly functions: Set<string> }>()
  for (const { node, functions } of primariesOf(nodes)) {
    if (functions.type !== 'libraries') continue
    for (const [name, library] of functions.libraries) {
      if (declared.has(name) || !name.startsWith(prefix) || !hasMark(name, library.code, prefix)) continue
      const place = ours.get(name) ?? { nodes: [], functions: new Set() }
      place.nodes.push(node)
      for (const one of library.functions) place.functions.add(one)
      ours.set(name, place)
    }
  }
  return [...ours].map(([name, place]) => ({
    change: {
      resource: { kind: 'function library', name },
      action: 'remove',
      summary: `remove function library ${name}, which no file declares any more`,
      differences: [],
      loss: removal('Calls of its functions fail from then on.', [...place.functions]),
    },
    operation: {
      writes: place.nodes.map((node): NodeWrite => ({ type: 'remove-functions', node, library: name })),
      until: 'at-once',
    },
  }))
}

/** Libraries of others; what is pruned is none. */
export function undeclaredFunctions(
  declared: ReadonlyMap<string, string>,
  nodes: readonly ObservedNode[],
  pruned: readonly RedisChange[],
): readonly Undeclared[] {
  const names = primariesOf(nodes).flatMap(({ functions }) =>
    functions.type === 'libraries' ? [...functions.libraries.keys()] : [],
  )
  const left = [...new Set(names)].filter(
    (name) => !declared.has(name) && !pruned.some(({ change }) => change.resource.name === name),
  )
  return left.map((name) => ({
    resource: { kind: 'function library', name },
    detail: null,
    severity: 'warning',
    next: {
      en: `Declare it under \`functions\`, or remove it with \`FUNCTION DELETE ${name}\` on each primary.`,
      zh: `请在 \`functions\` 下声明它，或在每个主节点上用 \`FUNCTION DELETE ${name}\` 删除它。`,
    },
  }))
}
