import { formatSeconds } from '../../core/duration.ts'
import { percentOf, timeLeft } from '../../core/progress.ts'

/** `, 60 %, 40 s left`; nothing behind the end. @param milliseconds what `done` took */
export function nameShare(done: number, total: number, milliseconds: number): string {
  if (total <= done) return ''
  const left = timeLeft(done, total, milliseconds)
  return `, ${percentOf(done, total)} %${left === null ? '' : `, ${formatSeconds(left / 1000)} left`}`
}
