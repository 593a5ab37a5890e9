import org.elasticmq.rest.sqs.SQSRestServerBuilder;

/** Runs ElasticMQ on 127.0.0.1 and the port given, until its standard input closes. */
class ElasticMqMain {
  public static void main(String[] args) throws Exception {
    SQSRestServerBuilder.withPort(Integer.parseInt(args[0])).withInterface("127.0.0.1").start().waitUntilStarted();
    System.out.println("ready");
    while (System.in.read() != -1) {}
    System.exit(0);
  }
}
