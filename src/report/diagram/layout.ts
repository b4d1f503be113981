import { groupBy } from '../../core/group-by.ts'
import type { ReportDatabase, ReportKey, ReportTable } from '../report.ts'

/** A row of a box: a column that takes part in a key. */
interface BoxRow {
  readonly text: string
  readonly mark: 'primary' | 'foreign' | 'more'
}

/** A table in the diagram. */
export interface Box {
  /** `database.table` */
  readonly id: string
  readonly title: string
  readonly database: string
  readonly table: string
  /** False for a parent in another database, of which only the name is drawn. */
  readonly own: boolean
  readonly rows: readonly BoxRow[]
  readonly x: number
  readonly y: number
  readonly width: number
  readonly height: number
}

export interface Edge {
  readonly child: Box
  readonly parent: Box
  readonly physical: boolean
  /** Where the line leaves the child and enters the parent. */
  readonly from: { readonly x: number; readonly y: number }
  readonly to: { readonly x: number; readonly y: number }
}

export interface Diagram {
  readonly width: number
  readonly height: number
  readonly boxes: readonly Box[]
  readonly edges: readonly Edge[]
  /** Tables without keys, where there are too many to draw. */
  readonly left: number
}

const sizes = {
  row: 18,
  title: 26,
  padding: 10,
  gapX: 72,
  gapY: 22,
  margin: 12,
  most: 960,
  columns: 7,
  lonely: 60,
} as const

type Placed = Omit<Box, 'x' | 'y'>

/**
 * Places the tables of a database: parents on the left of their children, tables that belong together near each other, and those without keys
 * below. Pure, and the same for the same tables.
 */
export function layOut(database: ReportDatabase): Diagram {
  const links = linksOf(database)
  const linked = new Set(links.flatMap(({ child, parent }) => [child, parent]))
  const own = database.tables.map((table) => toBox(database.name, table, links))
  const foreign = foreignBoxes(database, links)
  const joined = [...own.filter(({ id }) => linked.has(id)), ...foreign]
  const lonely = own.filter(({ id }) => !linked.has(id))
  const layers = sortLayers(toLayers(joined, links), links)
  const above = placeLayers(layers)
  const drawn = lonely.length > sizes.lonely ? [] : lonely
  const below = placeRows(drawn, above.height === 0 ? sizes.margin : above.height + sizes.gapY, above.width)
  const boxes = [...above.boxes, ...below.boxes]
  return {
    width: Math.max(above.width, below.width),
    height: Math.max(above.height, below.height) + sizes.margin,
    boxes,
    edges: toEdges(boxes, links),
    left: lonely.length - drawn.length,
  }
}

interface Link {
  readonly child: string
  readonly parent: string
  readonly key: ReportKey
}

const idOf = (database: string, table: string): string => `${database}.${table}`

function linksOf({ name, tables }: ReportDatabase): readonly Link[] {
  return tables.flatMap((table) =>
    table.keys.map((key) => ({
      child: idOf(name, table.name),
      parent: idOf(key.database ?? '?', key.table),
      key,
    })),
  )
}

/** Only keys, because a diagram of all columns is a dictionary; the primary key first. */
function toBox(database: string, table: ReportTable, links: readonly Link[]): Placed {
  const id = idOf(database, table.name)
  const foreign = new Set(table.keys.flatMap(({ columns }) => columns))
  const referred = new Set(links.filter(({ parent }) => parent === id).flatMap(({ key }) => key.parentColumns))
  const chosen = table.columns.filter(({ name, key }) => key === 'primary' || foreign.has(name) || referred.has(name))
  const shown = chosen.slice(0, sizes.columns)
  const rest = table.columns.length - shown.length
  const rows = shown.map(({ name }): BoxRow => ({ text: name, mark: foreign.has(name) ? 'foreign' : 'primary' }))
  return size({
    id,
    title: table.name,
    database,
    table: table.name,
    own: true,
    rows: rest > 0 ? [...rows, { text: `+ ${rest}`, mark: 'more' }] : rows,
  })
}

/** Parents in other databases, by their full names. */
function foreignBoxes({ name, tables }: ReportDatabase, links: readonly Link[]): readonly Placed[] {
  const own = new Set(tables.map((table) => idOf(name, table.name)))
  const others = new Map(links.filter(({ parent }) => !own.has(parent)).map((link) => [link.parent, link.key]))
  return [...others].map(([id, key]) =>
    size({ id, title: id, database: key.database ?? '?', table: key.table, own: false, rows: [] }),
  )
}

function size(box: Omit<Placed, 'width' | 'height'>): Placed {
  const longest = Math.max(widthOf(box.title) * 8.1, ...box.rows.map(({ text }) => widthOf(text) * 6.8 + 26))
  return {
    ...box,
    width: Math.ceil(Math.max(110, longest + 2 * sizes.padding)),
    height: sizes.title + box.rows.length * sizes.row + (box.rows.length > 0 ? 8 : 0),
  }
}

/** In widths of a Latin letter; other letters are assumed to be twice as wide. */
function widthOf(text: string): number {
  let width = 0
  for (const character of text) width += (character.codePointAt(0) ?? 0) > 0x2e7f ? 2 : 1
  return width
}

/** A table is one layer after the last of its parents; a circle is cut where it was entered. */
function toLayers(boxes: readonly Placed[], links: readonly Link[]): readonly (readonly Placed[])[] {
  const parents = groupBy(
    links.filter(({ child, parent }) => child !== parent),
    ({ child }) => child,
  )
  const depths = new Map<string, number>()
  const path = new Set<string>()
  const depthOf = (id: string): number => {
    const known = depths.get(id)
    if (known !== undefined) return known
    if (path.has(id)) return 0
    path.add(id)
    const depth = Math.max(0, ...(parents.get(id) ?? []).map(({ parent }) => depthOf(parent) + 1))
    path.delete(id)
    depths.set(id, depth)
    return depth
  }
  const layers = groupBy(boxes, ({ id }) => depthOf(id))
  return [...layers].toSorted(([one], [other]) => one - other).map(([, layer]) => layer)
}

/**
 * Orders each layer by the mean position of the tables that its tables are connected with, from left to right and back,
 * so that few lines cross.
 */
function sortLayers(layers: readonly (readonly Placed[])[], links: readonly Link[]): readonly (readonly Placed[])[] {
  const neighbors = new Map<string, string[]>()
  for (const { child, parent } of links) {
    if (child === parent) continue
    neighbors.set(child, [...(neighbors.get(child) ?? []), parent])
    neighbors.set(parent, [...(neighbors.get(parent) ?? []), child])
  }
  let sorted = layers.map((layer) => layer.toSorted((one, other) => (one.id < other.id ? -1 : 1)))
  for (let sweep = 0; sweep < 6; sweep += 1) {
    const places = new Map(
      sorted.flatMap((layer) => layer.map(({ id }, at) => [id, (at + 0.5) / layer.length] as const)),
    )
    const middle = (id: string): number => {
      const near = (neighbors.get(id) ?? []).flatMap((other) => places.get(other) ?? [])
      return near.length === 0 ? (places.get(id) ?? 0) : near.reduce((sum, at) => sum + at, 0) / near.length
    }
    sorted = sorted.map((layer) => layer.toSorted((one, other) => middle(one.id) - middle(other.id)))
  }
  return sorted
}

interface Placement {
  readonly width: number
  readonly height: number
  readonly boxes: readonly Box[]
}

/** Columns from left to right; a column that is too high is split into several. */
function placeLayers(layers: readonly (readonly Placed[])[]): Placement {
  const columns = layers.flatMap(splitColumn)
  const heights = columns.map((column) => column.reduce((sum, { height }) => sum + height + sizes.gapY, -sizes.gapY))
  const highest = Math.max(0, ...heights)
  let x: number = sizes.margin
  const boxes = columns.flatMap((column, index) => {
    let y = sizes.margin + (highest - (heights[index] ?? 0)) / 2
    const width = Math.max(...column.map((box) => box.width))
    const placed = column.map((box): Box => {
      const at = { ...box, width, x, y: Math.round(y) }
      y += box.height + sizes.gapY
      return at
    })
    x += width + sizes.gapX
    return placed
  })
  if (boxes.length === 0) return { width: 0, height: 0, boxes }
  return { width: x - sizes.gapX + sizes.margin, height: sizes.margin + highest, boxes }
}

function splitColumn(layer: readonly Placed[]): readonly (readonly Placed[])[] {
  const columns: Placed[][] = [[]]
  let height = 0
  for (const box of layer) {
    if (height > 0 && height + box.height > sizes.most) {
      columns.push([])
      height = 0
    }
    columns.at(-1)?.push(box)
    height += box.height + sizes.gapY
  }
  return columns
}

/** Rows as wide as the content above them. */
function placeRows(boxes: readonly Placed[], top: number, widest: number): Placement {
  const limit = Math.max(widest, sizes.most)
  let [x, y, line, right]: [number, number, number, number] = [sizes.margin, top, 0, 0]
  const placed = boxes.map((box): Box => {
    if (x > sizes.margin && x + box.width + sizes.margin > limit) {
      x = sizes.margin
      y += line + sizes.gapY
      line = 0
    }
    const at = { ...box, x, y }
    x += box.width + sizes.gapY
    line = Math.max(line, box.height)
    right = Math.max(right, at.x + box.width + sizes.margin)
    return at
  })
  return { width: right, height: placed.length === 0 ? 0 : y + line, boxes: placed }
}

/** From the row of the key's first column to the row that it references. */
function toEdges(boxes: readonly Box[], links: readonly Link[]): readonly Edge[] {
  const byId = new Map(boxes.map((box) => [box.id, box]))
  return links.flatMap(({ child: childId, parent: parentId, key }) => {
    const child = byId.get(childId)
    const parent = byId.get(parentId)
    if (child === undefined || parent === undefined) return []
    const isRight = child.x > parent.x || child === parent
    const from = { x: isRight && child !== parent ? child.x : child.x + child.width, y: rowY(child, key.columns[0]) }
    const to = { x: isRight ? parent.x + parent.width : parent.x, y: rowY(parent, key.parentColumns[0]) }
    return [{ child, parent, physical: key.physical, from, to }]
  })
}

function rowY(box: Box, column: string | undefined): number {
  const at = box.rows.findIndex(({ text }) => text === column)
  return box.y + (at < 0 ? sizes.title / 2 : sizes.title + 4 + at * sizes.row + sizes.row / 2)
}
