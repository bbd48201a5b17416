/**
 * Returns a service message for Octopus: `##octopus[name attribute='value']`, with each value as UTF-8 in
 * base64. Octopus silently drops a message with any other value (Calamari's ServiceMessageParser).
 */
export function serviceMessage(name: string, attributes: Readonly<Record<string, string>> = {}): string {
  const words = Object.entries(attributes).map(([key, value]) => ` ${key}='${base64(value)}'`);
  return `##octopus[${name}${words.join('')}]`;
}

function base64(value: string): string {
  return Buffer.from(value, 'utf8').toString('base64');
}

export function setVariable(name: string, value: string): string {
  return serviceMessage('setVariable', { name, value });
}

export function resultMessage(message: string): string {
  return serviceMessage('resultMessage', { message });
}

export function maskValue(value: string): string {
  return serviceMessage('mask', { value });
}

/**
 * Makes Octopus collect a file after the step.
 * @param path absolute path
 * @param length in bytes
 */
export function createArtifact(path: string, name: string, length: number): string {
  return serviceMessage('createArtifact', { path, name, length: String(length) });
}

/** Sets the task's progress text. Nobody knows how much of a wait is over, so the percentage stays 0. */
export function progressMessage(message: string): string {
  return serviceMessage('progress', { percentage: '0', message });
}

/** The level of the lines that follow, until another is set. */
export type LogLevel = 'default' | 'verbose' | 'highlight' | 'wait' | 'warning';

export function logLevel(level: LogLevel): string {
  return serviceMessage(`stdout-${level}`);
}
