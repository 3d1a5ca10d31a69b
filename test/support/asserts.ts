/** Jest loads this before each file of tests: a test that reaches its end without an expectation fails. */
import { beforeEach, expect } from '@jest/globals';

beforeEach(() => expect.hasAssertions());
