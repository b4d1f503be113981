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
 * The commit or branch, in the order in which they are tried: a push whose earlier commit is gone compares with the default branch. Empty where
 * there is nothing to compare with: then all files are reviewed.
 * @param event what GITHUB_EVENT_PATH has: https://docs.github.com/webhooks/webhook-events-and-payloads
 */
function candidates(event) {
  const base = env.GITHUB_BASE_REF ?? ''
  if (base !== '') return [`origin/${base}`]
  if (event.merge_group !== undefined) return [event.merge_group.base_sha]
  const branch = event.repository?.default_branch
  const isDefault = branch === undefined || env.GITHUB_REF === `refs/heads/${branch}`
  const before = /^0*$/.test(event.before ?? '') ? [] : [event.before]
  // A branch that is new, or was pushed by force, is compared as its pull request will be.
  return isDefault ? before : [`origin/${branch}`]
}

/**
 * Finds and fetches what to compare with.
 * @param given the input `since`; empty chooses by the event
 * @returns a reference that git knows; null where all files are to be reviewed
 */
export function findBase(given, event) {
  const tried = given === '' ? candidates(event) : [given]
  const found = tried.find((reference) => hasCommit(reference) || (fetch(reference) && hasCommit(reference)))
  if (found === undefined) return given === '' ? null : given
  if (ask('merge-base', found, 'HEAD') === null && isShallow()) fetchHistory(found)
  return found
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
