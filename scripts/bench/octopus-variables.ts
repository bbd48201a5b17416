/**
 * Returns this many Octopus variables: those of a deployment that reach the action, and other variables of a
 * project, which a launcher has to inspect and skip.
 */
export function manyVariables(
  ofDeployment: Readonly<Record<string, string>>,
  count: number,
): Readonly<Record<string, string>> {
  // Octopus sets no tenant variable for a deployment without a tenant.
  const there = Object.entries(ofDeployment).filter(
    ([name, value]) => value !== '' || !name.startsWith('Octopus.Deployment.'),
  );
  if (there.length > count)
    throw new Error(`A deployment has ${there.length} variables, more than ${count}.`);
  const others = Array.from({ length: count - there.length }, (_, index) => [
    `Acme.WebSite.Setting[${index}].Value`,
    `A value of the project, number ${index}`,
  ]);
  return Object.fromEntries([...there, ...others]);
}
