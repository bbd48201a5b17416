import { describe, expect, it } from 'vitest';
import { exitCodeOf, UsageError, wholeNumber } from '../../scripts/command.ts';

const form = {
  usage: 'Usage: npm run paint -- [--colour NAME] [wall]',
  options: { colour: { type: 'string', default: 'white' } },
  mostArguments: 1,
} as const;

async function paint(args: readonly string[], act: (painted: string) => number = () => 0) {
  const said = { out: '', error: '' };
  const exitCode = await exitCodeOf(
    form,
    ({ values, positionals }) => act(`${positionals[0] ?? 'all'} ${values.colour}`),
    args,
    {
      write: (text) => {
        said.out += text;
      },
      writeError: (text) => {
        said.error += text;
      },
    },
  );
  return { exitCode, ...said };
}

describe('a command', () => {
  it.each([
    [[], 'all white'],
    [['north', '--colour', 'red'], 'north red'],
    [['--colour=red', '--', '--help'], '--help red'],
  ])('accepts %j', async (args, expected) => {
    const painted: string[] = [];
    expect(await paint(args, (text) => painted.push(text) - 1)).toEqual({ exitCode: 0, out: '', error: '' });
    expect(painted).toEqual([expected]);
  });

  it('exits with the code that it returns', async () => {
    expect(await paint([], () => 3)).toMatchObject({ exitCode: 3 });
  });

  it.each([[['--help']], [['-h']], [['north', '--help']]])(
    'shows its usage for %j and does nothing',
    async (args) => {
      const fail = () => {
        throw new Error('It acted.');
      };
      expect(await paint(args, fail)).toEqual({ exitCode: 0, out: form.usage, error: '' });
    },
  );

  it.each([
    [['--color'], "Unknown option '--color'"],
    [['--colour'], "Option '--colour <value>' argument missing"],
    [['north', 'south'], 'Unexpected argument "south"'],
  ])('rejects %j with its usage and exit code 2', async (args, message) => {
    const { exitCode, out, error } = await paint(args);
    expect({ exitCode, out }).toEqual({ exitCode: 2, out: '' });
    expect(error).toContain(message);
    expect(error).toContain(form.usage);
  });

  it('names a missing file, and rethrows other errors', async () => {
    const missing = Object.assign(new Error('ENOENT: no such file, open wall'), {
      syscall: 'open',
      code: 'ENOENT',
      path: 'wall',
    });
    const failWith = (error: Error) => (): never => {
      throw error;
    };
    expect(await paint([], failWith(missing))).toEqual({
      exitCode: 1,
      out: '',
      error: 'File not found: wall',
    });
    const details = { syscall: 'listen', code: 'EADDRINUSE', port: 8080 };
    const taken = Object.assign(new Error('listen EADDRINUSE'), details);
    expect(await paint([], failWith(taken))).toMatchObject({
      exitCode: 1,
      error: 'Port 8080 is in use: choose another one',
    });
    await expect(paint([], failWith(new TypeError('a defect')))).rejects.toThrow('a defect');
  });
});

describe('a whole number', () => {
  it.each([
    ['1', 1],
    ['65535', 65_535],
  ])('accepts %s', (text, expected) => {
    expect(wholeNumber(text, { name: 'port', min: 1, max: 65_535 })).toBe(expected);
  });

  it.each(['', '0', '-1', '1.5', '1e3', 'NaN', '--help', ' 1', '65536'])('rejects "%s"', (text) => {
    const read = (): number => wholeNumber(text, { name: 'port', min: 1, max: 65_535 });
    expect(read).toThrow(UsageError);
    expect(read).toThrow('port must be a whole number from 1 to 65535');
  });
});
