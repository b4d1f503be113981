import { describe } from 'vitest'
import { describeKillPoints } from './support/kill-points.ts'

describe('on MySQL 9.7', () => describeKillPoints('9.7'))
