import {
  GetFunctionConfigurationCommand,
  LambdaClient,
  UpdateFunctionConfigurationCommand,
} from '@aws-sdk/client-lambda';
import type { LocalConnection } from './local-connection.ts';

/**
 * Sets environment variables of functions beside those that they have. The emulator then starts the functions anew.
 * @param connection the emulator as its root user
 */
export async function setFunctionVariables(
  connection: LocalConnection,
  functionNames: readonly (string | undefined)[],
  variables: Readonly<Record<string, string>>,
): Promise<void> {
  const { region, endpoint, credentials } = connection;
  const lambda = new LambdaClient({ region, endpoint, credentials });
  try {
    for (const FunctionName of functionNames) {
      const { Environment } = await lambda.send(new GetFunctionConfigurationCommand({ FunctionName }));
      const Variables = { ...Environment?.Variables, ...variables };
      await lambda.send(new UpdateFunctionConfigurationCommand({ FunctionName, Environment: { Variables } }));
    }
  } finally {
    lambda.destroy();
  }
}
