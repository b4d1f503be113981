// What a review compares with, by the event that started the job, fetched where the clone does not have it.
import { spawnSync } from 'node:child_process'
import { env } from 'node:process'

/** What git prints, without the last line end; null where it fails. */
function git(...words) {
  const { status, stdout } = spawnSync('git', words, { encoding: 'utf8', stdio: ['ignore', 'pipe', 'inherit'] })
  return status === 0 ? stdout.trim() : null
}

function ask(...words) {
  const { status, stdout } = spawnSync('git', words, { encoding: 'utf8', stdio: ['ignore', 'pipe', 'ignore'] })
  return status === 0 ? stdout.trim() : null
}

/**
 * The commit or branch to compare with; null where there is nothing, as behind a push by force: then all files are reviewed.
 * @param event what GITHUB_EVENT_PATH has: https://docs.github.com/webhooks/webhook-events-and-payloads
 */
function chooseBase(event) {
  const base = env.GITHUB_BASE_REF ?? ''
  if (base !== '') return `origin/${base}`
  if (event.merge_group !== undefined) return event.merge_group.base_sha
  const branch = event.repository?.default_branch
  // A branch of its own is compared as its pull request will be.
  if (branch !== undefined && env.GITHUB_REF !== `refs/heads/${branch}`) return `origin/${branch}`
  return /^0*$/.test(event.before ?? '') || event.forced === true ? null : event.before
}

/**
 * Finds and fetches what to compare with.
 * @param given the input `since`; empty chooses by the event
 * @returns a reference that git knows, null where all files are to be reviewed; and why there is none where there should be one
 */
export function findBase(given, event) {
  const base = given === '' ? chooseBase(event) : given
  if (base === null) return { base, failure: null }
  if (!hasCommit(base) && !(fetch(base) && hasCommit(base))) {
    const failure = `${base} could not be fetched, so what changed is not known. With \`fetch-depth: 0\`, actions/checkout fetches all of it.`
    return { base: null, failure }
  }
  if (ask('merge-base', base, 'HEAD') === null && isShallow()) fetchHistory(base)
  return { base, failure: null }
}

function hasCommit(reference) {
  return ask('rev-parse', '--verify', '--quiet', `${reference}^{commit}`) !== null
}

function isShallow() {
  return ask('rev-parse', '--is-shallow-repository') === 'true'
}

/** A depth would make a clone that is whole a shallow one. */
function fetch(reference) {
  return git('fetch', '--quiet', ...(isShallow() ? ['--depth=1'] : []), 'origin', specOf(reference)) !== null
}

/** Of both sides: a merge commit that GitHub made for a pull request is on no branch. */
function fetchHistory(reference) {
  git('fetch', '--quiet', '--unshallow', 'origin', specOf(reference), ask('rev-parse', 'HEAD') ?? 'HEAD')
}

function specOf(reference) {
  const branch = /^origin\/(.+)$/.exec(reference)?.[1]
  return branch === undefined ? reference : `+refs/heads/${branch}:refs/remotes/origin/${branch}`
}
