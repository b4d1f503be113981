/** Why one migration comes after another: by its header, by a foreign key, or by its place in its own database. */
export interface Link<Node> {
  readonly to: Node
  readonly reason: 'requires' | 'refers' | 'follows'
  /** Of the header or statement that says so; null for `follows`. */
  readonly line: number | null
}

type Cycle<Node> = readonly (Link<Node> & { readonly from: Node })[]

interface Visit<Node> {
  readonly node: Node
  readonly links: readonly Link<Node>[]
  next: number
}

/**
 * Cycles of a graph, none sharing a node with another, so that one mistake is told once. Walks depth first without
 * recursion: a folder's files are one long chain.
 */
export function findCycles<Node>(links: ReadonlyMap<Node, readonly Link<Node>[]>): Cycle<Node>[] {
  const cycles: Cycle<Node>[] = []
  const finished = new Set<Node>()
  const told = new Set<Node>()
  for (const root of links.keys()) {
    walk(root, links, finished, (cycle) => {
      if (cycle.some((link) => told.has(link.from))) return
      for (const link of cycle) told.add(link.from)
      cycles.push(cycle)
    })
  }
  return cycles
}

function walk<Node>(
  root: Node,
  links: ReadonlyMap<Node, readonly Link<Node>[]>,
  finished: Set<Node>,
  found: (cycle: Cycle<Node>) => void,
): void {
  if (finished.has(root)) return
  const path: Visit<Node>[] = [{ node: root, links: links.get(root) ?? [], next: 0 }]
  const depths = new Map<Node, number>([[root, 0]])
  for (let visit = path.at(-1); visit !== undefined; visit = path.at(-1)) {
    const link = visit.links[visit.next]
    visit.next += 1
    if (link === undefined) {
      finished.add(visit.node)
      depths.delete(visit.node)
      path.pop()
      continue
    }
    const depth = depths.get(link.to)
    if (depth !== undefined) found(cycleFrom(path.slice(depth)))
    else if (!finished.has(link.to)) {
      depths.set(link.to, path.length)
      path.push({ node: link.to, links: links.get(link.to) ?? [], next: 0 })
    }
  }
}

function cycleFrom<Node>(path: readonly Visit<Node>[]): Cycle<Node> {
  return path.flatMap(({ node, links, next }) => {
    const link = links[next - 1]
    return link === undefined ? [] : [{ ...link, from: node }]
  })
}
