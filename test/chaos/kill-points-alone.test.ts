import { describe } from 'vitest'
import { describeKillPoints } from './support/kill-points.ts'

// Without packets, windows and buffers: a test with them would not show what is wrong with the way beneath.
describe('on MySQL 9.7, each statement sent alone', () => describeKillPoints('9.7', true))
