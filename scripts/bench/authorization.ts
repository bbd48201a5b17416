/** Returns the value of the Authorization header with which a step logs in to the site. */
export function basicAuthorization(variables: Readonly<Record<string, string>>): string {
  const login = `${variables['JsmChange.Username']}:${variables['JsmChange.Token']}`;
  return `Basic ${Buffer.from(login).toString('base64')}`;
}
