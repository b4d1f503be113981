import { setTimeout as pause } from 'node:timers/promises'
import { exitCodes } from '../../core/exit-code.ts'
import { countOf, groupDigits } from '../../core/plural.ts'
import { ToolError } from '../../core/tool-error.ts'
import type { StoreContext } from '../contract.ts'
import type { Declaration, JsonObject } from './declaration.ts'
import type { ElasticsearchDriver, ServerWrite } from './ports.ts'
import { type CopyTask, type Move, type Moves, noMoves } from './reindex-ports.ts'

type Context = StoreContext<Declaration, ElasticsearchDriver>
type Reindex = Extract<ServerWrite, { readonly type: 'reindex' }>

/** Below this, the rest is copied while writes are blocked: a second of work. */
const smallPass = 1000

/** With a writer that is as fast as the copy, no pass gets smaller: after so many, writes are blocked all the same. */
const mostPasses = 12

/** Documents that are compared at the end, beside those that were written meanwhile. */
const sampleSize = 200

/** An index of this size is copied by as many workers as it has shards. */
const manySlicesFrom = 1024 ** 3

/** Milliseconds between two looks at a task: the first one, and the longest. */
const [firstPoll, longestPoll] = [100, 2000]

/**
 * Copies an index into a new one that its template makes, follows what is written meanwhile, and lets the copy take its place. Writes are blocked for
 * the last pass alone. The state is a document beside the lock: the next run goes on with the task that a killed one has left in the server.
 */
export async function reindex(context: Context, wish: Reindex): Promise<void> {
  const run = new Reindexing(context, wish)
  if (await run.isSwitched()) return run.finish()
  await run.prepare()
  await run.follow()
  await run.complete()
  await run.finish()
}

/** Gives a reindex up whose declaration was taken back: the index is as it was, its copy is removed. */
export async function abandonCopy({ driver, prefix }: Context, name: string): Promise<void> {
  const moves = await readMoves(driver, prefix, name)
  if (moves.move === null) return
  const { source, copy } = moves.move
  await endTasks(driver, copy, null)
  if (await driver.copy.exists(source)) await driver.copy.allowWrites(source)
  if (await driver.copy.exists(copy)) await driver.remove('index', copy)
  await driver.copy.writeMoves(prefix, name, { ...moves, move: null })
}

/** Removes an index that was kept after its reindex. */
export async function removeKept(
  { driver, prefix }: Context,
  { name, index }: Extract<ServerWrite, { readonly type: 'remove-kept' }>,
): Promise<void> {
  const moves = await readMoves(driver, prefix, name)
  if (await driver.copy.exists(index)) await driver.remove('index', index)
  await driver.copy.writeMoves(prefix, name, { ...moves, kept: moves.kept.filter((one) => one.index !== index) })
}

async function readMoves(driver: ElasticsearchDriver, prefix: string, name: string): Promise<Moves> {
  return (await driver.copy.readMoves(prefix, [name])).get(name) ?? noMoves
}

/** Ends tasks that a killed run started and could not note down. */
async function endTasks(driver: ElasticsearchDriver, copy: string, except: string | null): Promise<void> {
  for (let wait = firstPoll; ; wait = Math.min(2 * wait, longestPoll)) {
    const others = (await driver.copy.listTasks(copy)).filter((task) => task !== except)
    if (others.length === 0) return
    for (const task of others) await driver.copy.cancelTask(task)
    await pause(wait)
  }
}

class Reindexing {
  readonly #context: Context
  readonly #wish: Reindex
  #moves: Moves = noMoves

  constructor(context: Context, wish: Reindex) {
    this.#context = context
    this.#wish = wish
  }

  get #driver() {
    return this.#context.driver.copy
  }

  /** The copy has taken the place already: the run was killed right after that. */
  async isSwitched(): Promise<boolean> {
    const { name, source, copy } = this.#wish
    this.#moves = await readMoves(this.#context.driver, this.#context.prefix, name)
    const held = await this.#driver.listIndices(name)
    return held.includes(copy) && !held.includes(source)
  }

  /** Notes the reindex down before its index is created, so that none is left that nobody knows. */
  async prepare(): Promise<void> {
    const { source, copy, during } = this.#wish
    const isNew = this.#moves.move?.copy !== copy
    if (isNew && (await this.#driver.exists(copy))) throw this.#failed(`Index ${copy} exists already: remove it first`)
    if (isNew) await this.#note({ source, copy, from: null, next: null, task: null })
    await this.#driver.createCopy(copy, during)
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
    if ((await this.#driver.count(copy)) > (await this.#driver.count(source))) {
      await this.#driver.removeSurplus({ source, copy, most: Number.POSITIVE_INFINITY })
    }
  }

  /** The rest, with writes blocked; they are allowed again where it does not succeed. */
  async complete(): Promise<void> {
    const { source, copy, after } = this.#wish
    await this.#driver.blockWrites(source)
    try {
      this.#report(`writes to ${source} are blocked for the last pass.`)
      await this.#pass('blocked')
      await this.#prove()
      await this.#context.driver.write({ type: 'put-settings', index: copy, body: after, changesPolicy: false })
      await this.#driver.switchAliases(source, copy)
    } catch (error) {
      await this.#driver.allowWrites(source).catch(() => undefined)
      throw error
    }
  }

  /** The old index takes no writes, and no policy deletes it before a person does. */
  async finish(): Promise<void> {
    const { source, copy, name, lifecycle } = this.#wish
    const { driver, run } = this.#context
    await this.#driver.blockWrites(source)
    const free: JsonObject = { 'index.lifecycle.name': null, 'index.lifecycle.rollover_alias': null }
    await driver.write({ type: 'put-settings', index: source, body: free, changesPolicy: true })
    if (Object.keys(lifecycle).length > 0) {
      await driver.write({ type: 'put-settings', index: copy, body: lifecycle, changesPolicy: false })
    }
    const kept = this.#moves.kept.filter(({ index }) => index !== source)
    const moves = { move: null, kept: [...kept, { index: source, replacedBy: copy, since: run.now() }] }
    await driver.copy.writeMoves(this.#context.prefix, name, moves)
  }

  get #move(): Move {
    const { move } = this.#moves
    if (move === null) throw new Error('a reindex is noted down before its first pass')
    return move
  }

  async #note(move: Move): Promise<void> {
    this.#moves = { ...this.#moves, move }
    await this.#driver.writeMoves(this.#context.prefix, this.#wish.name, this.#moves)
  }

  /** Copies what was written since the pass before began, compares that, and returns how many documents it copied. */
  async #pass(end: 'open' | 'blocked'): Promise<number> {
    const { source, copy } = this.#wish
    const { from } = this.#move
    await endTasks(this.#context.driver, copy, this.#move.task)
    // What is written from here on is in the next pass. A pass that is started again keeps the first mark: its documents may be in the copy already.
    const next = this.#move.next ?? (await this.#driver.readCheckpoint(source))
    const copied = await this.#copy(next)
    if (from !== null) {
      const repaired = await this.#driver.repairWindow({ source, copy, from, to: end === 'open' ? next : null })
      if (repaired > 0) this.#report(`${countOf(repaired, 'document')} of ${source} copied again after a comparison.`)
    }
    await this.#note({ ...this.#move, from: next, next: null, task: null })
    return copied
  }

  /** Waits for the task that was noted down; starts one where there is none, or where its node ended before it. */
  async #copy(next: number): Promise<number> {
    const { source, copy, rate } = this.#wish
    for (;;) {
      const { from, task } = this.#move
      if (task === null) {
        await this.#note({ ...this.#move, next })
        const slices = (await this.#driver.sizeOf(source)) < manySlicesFrom ? 1 : 'auto'
        const started = await this.#driver.start({ source, copy, from, rate, slices })
        await this.#note({ ...this.#move, task: started })
        continue
      }
      const end = await this.#waitFor(task)
      if (end.type === 'done') return end.copied
      await this.#note({ ...this.#move, task: null })
      if (end.type === 'failed') throw this.#failed(end.why)
    }
  }

  async #waitFor(task: string): Promise<Exclude<CopyTask, { readonly type: 'running' }>> {
    const { run } = this.#context
    for (let wait = firstPoll, shown = 0; ; wait = Math.min(2 * wait, longestPoll)) {
      const now = await this.#driver.readTask(task)
      if (now.type !== 'running') return now
      if (run.stop.requested) throw this.#stopped(task)
      const percent = now.total === 0 ? 0 : Math.floor((100 * now.copied) / now.total)
      if (percent > shown) {
        this.#report(`${groupDigits(now.copied)} of ${countOf(now.total, 'document')} copied, ${percent} %.`)
        shown = percent
      }
      await pause(wait)
    }
  }

  /** With writes blocked, both must have the same documents. */
  async #prove(): Promise<void> {
    const { source, copy } = this.#wish
    const expected = await this.#driver.count(source)
    let found = await this.#driver.count(copy)
    // Nothing is written any more, so the difference is how many they are.
    if (found > expected) {
      await this.#driver.removeSurplus({ source, copy, most: found - expected })
      found = await this.#driver.count(copy)
    }
    if (found !== expected) {
      throw this.#failed(`${source} has ${countOf(expected, 'document')}, ${copy} has ${groupDigits(found)}`)
    }
    const [first, ...others] = await this.#driver.compareSample(source, copy, sampleSize)
    if (first !== undefined) throw this.#failed(`Document ${first} and ${others.length} more of a sample differ`)
  }

  #report(message: string): void {
    this.#context.run.report(`${this.#wish.name}: ${message}`)
  }

  #failed(why: string): ToolError {
    const { source, copy, name } = this.#wish
    return new ToolError('STORE_COPY_FAILED', {
      what: `Index \`${source}\` was not reindexed: \`${name}\` still consists of it.`,
      where: { server: this.#context.server },
      why: `${why}.`,
      next: `Correct the document or the declaration, then run the command again: it continues with ${copy}, or begins again where the declaration changed.`,
    })
  }

  #stopped(task: string): ToolError {
    const fault = {
      what: `Stopped while ${this.#wish.source} is reindexed.`,
      where: { server: this.#context.server },
      why: `The server goes on copying: task ${task}.`,
      next: 'Run the command again when ready: it continues with that task.',
    }
    return new ToolError('STOPPED', fault, { exitCode: exitCodes.interrupted })
  }
}
