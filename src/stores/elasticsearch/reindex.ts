import { randomBytes } from 'node:crypto'
import { countOf, groupDigits } from '../../core/plural.ts'
import type { ToolError } from '../../core/tool-error.ts'
import type { StoreContext } from '../contract.ts'
import { blockSource, isBlocked, requireNoSnapshot, requireUnchanged } from './block-source.ts'
import { compareIndex, type DesiredIndex } from './compare-indices.ts'
import type { Declaration, JsonObject } from './declaration.ts'
import { isRefusal } from './errors.ts'
import { findDifference } from './find-difference.ts'
import { keepClone, requireFreeName } from './keep-clone.ts'
import { alignFields, makeCopy, removeMark } from './make-copy.ts'
import { endTasks, readHolder, readMoves, setReplacedAside, waitForTask } from './moves.ts'
import type { ElasticsearchDriver, ServerWrite } from './ports.ts'
import { copyFailed, copyStopped, type Named, notDeclared, stillRefused, tooMuch } from './reindex-errors.ts'
import { type CopyTask, isCopyOf, type LiveIndex, type Move, type Moves, noMoves } from './reindex-ports.ts'
import { shortPaths } from './series-situation.ts'

type Context = StoreContext<Declaration, ElasticsearchDriver>
type Reindex = Extract<ServerWrite, { readonly type: 'reindex' }>

/** Below so many documents, a second of work, the rest is copied while writes are blocked; after so many passes as well, as a writer may be as fast as the copy. */
const [smallPass, mostPasses] = [1000, 12]

/** Writes are not blocked for more than that; so many further passes are tried first. */
const [largestLastPass, furtherPasses] = [20_000, 3]

/** An index of this size is copied in as many slices as it has shards. */
const manySlicesFrom = 1024 ** 3

const writeBlock = 'index.blocks.write'

/**
 * Copies an index into a new one, follows what is written meanwhile, and lets the copy take its place. Writes are blocked only
 * during the last pass. The state is a document beside the lock: the next run goes on with the task that a killed one has left in the server.
 */
export async function reindex(context: Context, wish: Reindex, desired: DesiredIndex): Promise<void> {
  const run = new Reindexing(context, wish, desired)
  if (!(await run.isSwitched())) {
    await run.prepare()
    await run.follow()
    await run.complete()
  }
  await run.finish()
}

class Reindexing {
  readonly #context: Context
  readonly #wish: Reindex
  readonly #desired: DesiredIndex
  #moves: Moves = noMoves
  /** The aliases may be those of the copy from here on. */
  #mayBeSwitched = false

  constructor(context: Context, wish: Reindex, desired: DesiredIndex) {
    this.#context = context
    this.#wish = wish
    this.#desired = desired
  }

  get #driver() {
    return this.#context.driver.copy
  }

  /** The copy has taken the place already: the run was killed right after that. */
  async isSwitched(): Promise<boolean> {
    this.#moves = await readMoves(this.#context.driver, this.#context.prefix, this.#wish.name)
    const { move } = this.#moves
    if (move === null || move.source !== this.#wish.source || (await readHolder(this.#driver, this.#wish)) !== 'copy')
      return false
    return isCopyOf(move, await this.#driver.readIndex(this.#wish.copy))
  }

  /** Notes the reindex down before its index is created, so that none is left that nobody knows. */
  async prepare(): Promise<void> {
    const { series, source, copy, clone, during, lifecycle } = this.#wish
    const origin = await this.#driver.readIndex(source)
    if (origin === null) throw this.#failed(`Index ${source} does not exist any more`)
    if (series === 'stream' && (await this.#driver.listIndices(this.#wish)).at(-1) === source) {
      throw this.#failed(`Data stream ${this.#wish.name} still writes to ${source}`)
    }
    const noted = this.#moves.move
    const isNoted = noted?.source === source && noted.sourceUuid === origin.uuid && noted.copy === copy
    const found = await this.#driver.readIndex(copy)
    if (!isNoted && found !== null) throw this.#failed(`Index ${copy} exists already: remove it first`)
    if (!isNoted || found === null) {
      // Of an index that was removed by hand, nothing is copied yet.
      const id = randomBytes(8).toString('hex')
      const nothing = { cloneUuid: null, copyUuid: null, from: null, next: null, task: null }
      const before = { lifecycle, isBlocked: isNoted ? noted.isBlocked : isBlocked(origin) }
      const move = { id, source, sourceUuid: origin.uuid, copy, clone, ...nothing, ...before }
      await requireFreeName(this.#context, this.#named, move)
      await this.#note(move)
      await makeCopy(this.#context, this.#named, this.#wish, id)
    }
    const made = await this.#readCopy()
    const wrong = compareIndex(this.#desired, made).filter(({ kind }) => kind === 'fixed')
    if (wrong.length > 0) throw notDeclared(this.#named, shortPaths(wrong))
    if (this.#move.copyUuid === null) await this.#note({ ...this.#move, copyUuid: made.uuid })
    // A run that was killed late has given it its own settings already, a pipeline among them.
    await this.#setCopy({ ...during, [writeBlock]: null })
  }

  /** A pass over everything, then passes over what was written during the pass before, until there is little left. */
  async follow(): Promise<void> {
    const { source, copy } = this.#wish
    for (let passes = 0; passes < mostPasses; passes += 1) {
      const isFirst = this.#move.from === null
      const copied = await this.#pass('open')
      if (!isFirst && copied < smallPass) break
    }
    // Deletions leave nothing that a search could find. Most of them are found here, while writes go on.
    // New documents hide some of them in the counts, so all IDs are read.
    if ((await this.#driver.count(copy, null)) > (await this.#driver.count(source, null))) {
      await this.#driver.removeSurplus({ source, copy, check: this.#check, most: Number.POSITIVE_INFINITY })
    }
    for (let passes = 0; ; passes += 1) {
      const left = await this.#driver.count(source, this.#move.from)
      if (left <= largestLastPass) return
      if (passes === furtherPasses) throw tooMuch(this.#named, left, largestLastPass)
      await this.#pass('open')
    }
  }

  /** The rest, with writes blocked. They are allowed again where it does not succeed, unless the new index may have them already. */
  async complete(): Promise<void> {
    const { source, copy, after, lifecycle } = this.#wish
    await this.#readCopy()
    await requireNoSnapshot(this.#context, this.#named, this.#move)
    try {
      await blockSource(this.#context, this.#named, { move: this.#move, note: this.#note })
      const written = await this.#driver.readLastWrites(source)
      this.#report(`writes to ${source} are blocked for the last pass.`)
      await this.#pass('blocked')
      await endTasks(this.#context.driver, copy, null, this.#check)
      await alignFields(this.#context, this.#named, this.#wish, this.#desired)
      await this.#prove()
      await this.#setCopy(this.#move.isBlocked ? { ...after, [writeBlock]: true } : after)
      await removeMark(this.#context, this.#wish, this.#desired)
      await this.#note({ ...this.#move, lifecycle })
      await keepClone(this.#context, this.#named, { move: this.#move, check: this.#check, note: this.#note })
      await this.#check()
      await requireUnchanged(this.#context, this.#named, this.#move, written)
      await this.#switch()
    } catch (error) {
      throw await this.#allowWrites(error)
    }
  }

  /** The old index, or its clone, takes no writes, and is kept. */
  async finish(): Promise<void> {
    const { source, copy, name, series, after } = this.#wish
    // Somebody gave it the name before it was filled, as its index was gone.
    const isUnfinished = (await this.#driver.readIndex(copy))?.mark === this.#move.id
    if (isUnfinished) await this.#setCopy(after)
    if (isUnfinished) await removeMark(this.#context, this.#wish, this.#desired)
    const kept = await setReplacedAside(this.#context, this.#move)
    // After the switch, nothing but the note knows those of an index that is gone.
    const { lifecycle } = series === 'index' ? this.#move : this.#wish
    if (Object.keys(lifecycle).length > 0) await this.#setCopy(lifecycle)
    const others = this.#moves.kept.filter(({ index }) => index !== source)
    const wanted = this.#moves.wanted.filter(({ index }) => index !== source)
    await this.#driver.writeMoves(this.#context.prefix, name, { move: null, kept: [...others, ...kept], wanted })
  }

  get #move(): Move {
    const { move } = this.#moves
    if (move === null) throw new Error('a reindex is noted down before its first pass')
    return move
  }

  readonly #note = async (move: Move): Promise<void> => {
    this.#moves = { ...this.#moves, move }
    await this.#driver.writeMoves(this.#context.prefix, this.#wish.name, this.#moves)
  }

  /** @throws ToolError where the name belongs to another index, or where it takes writes already. */
  async #readCopy(): Promise<LiveIndex> {
    const { copy } = this.#wish
    const found = await this.#driver.readIndex(copy)
    if (found !== null && found.aliases.length === 0 && isCopyOf(this.#move, found)) return found
    const { task } = this.#move
    if (task !== null) await this.#driver.cancelTask(task).catch(() => undefined)
    throw this.#failed(
      `Index ${copy} is not the copy that was begun: another one has its name, or an alias leads to it`,
      'Run `wwdb setup plan`: it shows what is to be done now.',
    )
  }

  async #setCopy(body: JsonObject): Promise<void> {
    await this.#context.driver.write({ type: 'put-settings', index: this.#wish.copy, body, changesPolicy: false })
  }

  /** Copies what was written since the pass before began, compares that, and returns how many documents it copied. */
  async #pass(end: 'open' | 'blocked'): Promise<number> {
    const { source, copy, rate } = this.#wish
    const { from } = this.#move
    await endTasks(this.#context.driver, copy, this.#move.task, this.#check)
    // What is written from here on is in the next pass. A pass that is started again keeps the first mark: its documents may be in the copy already.
    const next = this.#move.next ?? (await this.#driver.readCheckpoint(source))
    const copied = await this.#copy(next, end === 'open' ? rate : null)
    if (from !== null) {
      const window = { source, copy, check: this.#check, from, to: end === 'open' ? next : null }
      const repaired = await this.#driver.repairWindow(window)
      if (repaired > 0) this.#report(`${countOf(repaired, 'document')} of ${source} copied again after a comparison.`)
    }
    await this.#note({ ...this.#move, from: next, next: null, task: null })
    return copied
  }

  /** Waits for the task that was noted down; starts one where there is none, or where its node ended before it. */
  async #copy(next: number, rate: number | null): Promise<number> {
    const { source, copy } = this.#wish
    for (;;) {
      const { from, task } = this.#move
      if (task === null) {
        await this.#check()
        await this.#note({ ...this.#move, next })
        const slices = (await this.#driver.sizeOf(source)) < manySlicesFrom ? 1 : 'auto'
        const only = from === null ? null : { from }
        const started = await this.#driver.start({ source, copy, only, rate, slices })
        await this.#note({ ...this.#move, task: started })
        continue
      }
      const end = await this.#waitFor(task)
      if (end.type === 'done') return end.copied
      await this.#note({ ...this.#move, task: null })
      if (end.type === 'failed') throw this.#failed(end.why)
    }
  }

  #waitFor(task: string): Promise<Exclude<CopyTask, { readonly type: 'running' }>> {
    let shown = 0
    return waitForTask(this.#context.driver, task, async ({ copied, total }) => {
      await this.#check()
      const percent = total === 0 ? 0 : Math.floor((100 * copied) / total)
      if (percent > shown) this.#report(`${groupDigits(copied)} of ${countOf(total, 'document')} copied, ${percent} %.`)
      shown = Math.max(shown, percent)
    })
  }

  /** With writes blocked, both must have the same documents. Where they have not, the next run copies and compares all of them. */
  async #prove(): Promise<void> {
    const { source, copy } = this.#wish
    const difference = await findDifference(this.#driver, { source, copy, check: this.#check })
    if (difference === null) return
    await this.#note({ ...this.#move, from: 0, next: null, task: null })
    throw this.#failed(difference)
  }

  /** An answer may be lost, or be that of a request which was sent again: what counts is where the alias leads. */
  async #switch(): Promise<void> {
    const { source, copy, series, name } = this.#wish
    this.#mayBeSwitched = true
    try {
      await this.#driver.takePlace(this.#wish, source, copy)
    } catch (error) {
      if ((await readHolder(this.#driver, this.#wish).catch(() => null)) === 'copy') return
      throw error
    }
    if ((await readHolder(this.#driver, this.#wish)) !== 'copy')
      throw this.#failed(`${series === 'stream' ? 'Data stream' : 'Alias'} ${name} does not lead to ${copy} yet`)
  }

  /** Returns the error, which says so where writes are still refused. */
  async #allowWrites(error: unknown): Promise<unknown> {
    try {
      const isSafe =
        !this.#mayBeSwitched || (isRefusal(error) && (await readHolder(this.#driver, this.#wish)) === 'source')
      if (!isSafe) return stillRefused(error, this.#named)
      if (!this.#move.isBlocked) await this.#driver.allowWrites(this.#wish.source)
      return error
    } catch {
      return stillRefused(error, this.#named)
    }
  }

  get #named(): Named {
    return { server: this.#context.server, ...this.#wish }
  }

  /** Before each write to the copy: a stop is heard, and another index that got its name is left alone. */
  readonly #check = async (): Promise<void> => {
    if (this.#context.run.stop.requested) throw copyStopped(this.#named, this.#move.task)
    await this.#readCopy()
  }

  #report(message: string): void {
    this.#context.run.report(`${this.#wish.name}: ${message}`)
  }

  #failed(why: string, next?: string): ToolError {
    return copyFailed(this.#named, why, next)
  }
}
