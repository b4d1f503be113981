import type { JournalRow, Pass } from '../../../src/migrations/journal/journal.ts'
import type { JournalChange, JournalSnapshot, RowToOpen } from '../../../src/migrations/journal/rows.ts'

interface StoredRow extends RowToOpen {
  state: JournalRow['state']
  total: number
  checksum: string
  readonly connectionId: number
  readonly openedAt: string
  closedAt: string | null
  milliseconds: number
  memory: JournalRow['memory']
  error: string | null
}

/** Who writes, and when by the server's clock. */
export interface Writing {
  readonly connectionId: number
  readonly now: string
}

const keyOf = (at: { readonly pass: number; readonly statement: number }): string => `${at.pass}/${at.statement}`
const isOpen = (row: StoredRow): boolean => row.state === 'open' || row.state === 'entered'

/** The journal table of one schema, with the meaning that migrations/mysql gives to each change. */
export class MemoryJournal {
  exists = false
  readonly #rows = new Map<string, StoredRow>()
  readonly #settings = new Map<string, string>()

  recordSettings(settings: ReadonlyMap<string, string>): void {
    for (const [name, value] of settings) if (!this.#settings.has(name)) this.#settings.set(name, value)
  }

  writeFormat(format: number): void {
    this.#settings.set('format', String(format))
  }

  apply(change: JournalChange, { connectionId, now }: Writing): void {
    for (const at of change.drop) if (this.#rows.get(keyOf(at))?.state === 'open') this.#rows.delete(keyOf(at))
    for (const at of change.settle) this.#settle(at, now)
    if (change.references !== undefined) this.#settings.set('references', change.references)
    for (const row of change.amend === null ? [] : this.#rows.values()) {
      if (row.pass === change.amend?.pass)
        Object.assign(row, { total: change.amend.total, checksum: change.amend.checksum })
    }
    for (const { pass, statement, milliseconds, memory } of change.close) {
      const closed = { closedAt: now, milliseconds: Math.round(milliseconds), memory }
      this.#update({ pass, statement }, { state: 'closed', ...closed })
    }
    for (const { pass, statement, error } of change.fail) this.#update({ pass, statement }, { state: 'failed', error })
    for (const row of change.open) {
      const fresh = { connectionId, openedAt: now, closedAt: null, milliseconds: 0, memory: null, error: null }
      this.#rows.set(keyOf(row), { ...row, ...fresh, state: 'open' })
    }
  }

  hasEntered(pass: number, statement: number): boolean {
    return this.#rows.get(keyOf({ pass, statement }))?.state === 'entered'
  }

  enter(pass: number, statement: number): void {
    this.#update({ pass, statement }, { state: 'entered' })
  }

  read(): JournalSnapshot {
    if (!this.exists) return { exists: false, passes: [], rows: [], settings: new Map() }
    const rows = [...this.#rows.values()].sort((a, b) => a.pass - b.pass || a.statement - b.statement)
    const passes = [...new Set(rows.map((row) => row.pass))].map((pass) =>
      toPass(rows.filter((row) => row.pass === pass)),
    )
    const incomplete = new Set(
      passes.filter((pass) => pass.closed < pass.total || pass.open > 0).map((pass) => pass.pass),
    )
    return {
      exists: true,
      passes,
      rows: rows.filter((row) => incomplete.has(row.pass)).map(toRow),
      settings: new Map(this.#settings),
    }
  }

  #settle(at: JournalChange['settle'][number], now: string): void {
    const row = this.#rows.get(keyOf(at))
    if (row === undefined || !isOpen(row)) return
    if (at.ran) Object.assign(row, { state: 'closed', closedAt: now })
    else this.#rows.delete(keyOf(at))
  }

  #update(at: { readonly pass: number; readonly statement: number }, change: Partial<StoredRow>): void {
    const row = this.#rows.get(keyOf(at))
    if (row !== undefined) Object.assign(row, change)
  }
}

function toPass(rows: readonly StoredRow[]): Pass {
  const first = rows[0]
  if (first === undefined) throw new Error('a pass has rows')
  const { pass, version, name, kind, direction, checksum, total } = first
  const closed = rows.filter((row) => row.state === 'closed')
  return {
    pass,
    version,
    name,
    kind: kind === 'setting' ? 'versioned' : kind,
    direction,
    checksum,
    total,
    closed: Math.max(0, ...closed.map((row) => row.statement + 1)),
    open: rows.filter(isOpen).length,
    openedAt: rows.map((row) => row.openedAt).sort()[0] ?? '',
    closedAt:
      closed
        .flatMap((row) => row.closedAt ?? [])
        .sort()
        .at(-1) ?? null,
    milliseconds: rows.reduce((sum, row) => sum + row.milliseconds, 0),
    appliedBy: 'test@memory',
    toolVersion: '0.0.0',
  }
}

function toRow(row: StoredRow): JournalRow {
  const { pass, statement, state, hash, summary, connectionId, fingerprint, objects, identity, memory, error } = row
  const rest = { connectionId, fingerprint, objects, identity, memory, error, openedAt: row.openedAt }
  return { pass, statement, state, hash, summary, class: row.class, ...rest, runner: 'memory:1' }
}
