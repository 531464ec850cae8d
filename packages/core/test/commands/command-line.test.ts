// Flags, help and complaints, from a table of flags.
import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { type CommandOutline, helpText, readFlags, UsageError } from '../../src/commands/command-line.ts';

const outline: CommandOutline = {
  name: 'pour',
  packageName: 'none',
  intro: 'Usage: pour [flags]\n\n  pour --cup tea',
  groups: [
    {
      title: 'What',
      flags: [
        { name: 'cup', short: 'c', value: 'drink', repeated: true, help: 'tea or\ncoffee' },
        { name: 'size', value: 'n', help: 'how much' },
        { name: 'a-name-that-is-too-long-for-its-column', value: 'x', help: 'so it stands above' },
        { name: 'hot', help: 'hot' },
      ],
    },
  ],
  closing: 'It ends with 0.',
};

describe('a command line', () => {
  it('has texts, repeated ones, numbers and switches', () => {
    const given = readFlags(outline, ['--cup', 'tea', '-c', 'milk=a=b', '--size=7', '--no-hot']);
    assert.deepEqual(given.texts('cup'), ['tea', 'milk=a=b']);
    assert.deepEqual([given.integer('size', 1), given.on('hot'), given.has('help')], [7, false, false]);
    const none = readFlags(outline, []);
    assert.deepEqual(
      [none.texts('cup'), none.text('size'), none.integer('size', 1), none.on('hot')],
      [[], undefined, undefined, undefined],
    );
  });

  it('says in one line what is wrong', () => {
    const table: [string[], string][] = [
      [['--cupp', 'tea'], "Unknown option '--cupp', did you mean --cup?"],
      [['--versoin'], "Unknown option '--versoin', did you mean --version?"],
      [['--no-hto'], "Unknown option '--no-hto', did you mean --hot?"],
      [['--something-else'], "Unknown option '--something-else'"],
      [['-x'], "Unknown option '-x'"],
      [['tea'], "Unexpected argument 'tea'"],
      [['--size'], "Option '--size <value>' argument missing"],
      [['--hot=yes'], "Option '--hot' does not take an argument"],
    ];
    for (const [args, message] of table) {
      assert.throws(() => readFlags(outline, args), new UsageError(message), args.join(' '));
    }
    assert.throws(
      () => readFlags(outline, ['--size', '0']).integer('size', 1),
      new UsageError("--size: expected an integer >= 1, got '0'"),
    );
  });

  it('takes arguments where it is said so', () => {
    const given = readFlags({ ...outline, takesArguments: true }, ['a', '--hot', 'b', '--', '--hot']);
    assert.deepEqual(given.rest, ['a', 'b', '--hot']);
  });

  it('is explained from the same table', () => {
    assert.equal(
      helpText(outline),
      `Usage: pour [flags]

  pour --cup tea

What
  -c, --cup <drink>            tea or
                               coffee
  --size <n>                   how much
  --a-name-that-is-too-long-for-its-column <x>
                               so it stands above
  --hot                        hot

  -h, --help, -v, --version

It ends with 0.`,
    );
  });
});
