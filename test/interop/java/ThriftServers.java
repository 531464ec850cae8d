// Java's own Thrift servers, many in one process, each on a free port: what our client is tested against.
// Keeps to what libthrift 0.9.3 and later have in common.
import java.io.BufferedReader;
import java.io.InputStreamReader;
import java.io.PrintStream;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.util.HashMap;
import java.util.Map;
import org.apache.thrift.protocol.TBinaryProtocol;
import org.apache.thrift.protocol.TCompactProtocol;
import org.apache.thrift.protocol.TJSONProtocol;
import org.apache.thrift.protocol.TProtocolFactory;
import org.apache.thrift.server.THsHaServer;
import org.apache.thrift.server.TNonblockingServer;
import org.apache.thrift.server.TServer;
import org.apache.thrift.server.TSimpleServer;
import org.apache.thrift.server.TThreadPoolServer;
import org.apache.thrift.server.TThreadedSelectorServer;
import org.apache.thrift.transport.TNonblockingServerSocket;
import org.apache.thrift.transport.TSSLTransportFactory;
import org.apache.thrift.transport.TServerSocket;
import org.apache.thrift.transport.TTransportFactory;

public final class ThriftServers {
  private static final InetAddress LOOPBACK = InetAddress.getLoopbackAddress();

  /**
   * Arguments: a PKCS12 keystore, its password, then servers as <class>/<protocol>/<transport>/<encryption>. Prints a line
   * of JSON: the port of each. Then each line on stdin names a server, and the answer is what that one received since.
   * Ends when stdin does.
   */
  public static void main(String[] args) throws Exception {
    Map<String, Recorder> recorders = new HashMap<String, Recorder>();
    StringBuilder ports = new StringBuilder();
    for (int i = 2; i < args.length; i++) {
      Recorder recorder = new Recorder();
      int port = serve(args[i].split("/"), recorder, args[0], args[1]);
      recorders.put(args[i], recorder);
      ports.append(i == 2 ? "{\"" : ",\"").append(args[i]).append("\":").append(port);
    }
    PrintStream out = new PrintStream(System.out, false, "UTF-8");
    out.println(ports.append('}'));
    out.flush();
    BufferedReader names = new BufferedReader(new InputStreamReader(System.in, "UTF-8"));
    for (String name = names.readLine(); name != null; name = names.readLine()) {
      out.println(recorders.get(name).take());
      out.flush();
    }
    System.exit(0);
  }

  /** Starts one server and returns its port, which is bound by then. */
  private static int serve(String[] cell, Recorder recorder, String keystore, String password) throws Exception {
    boolean framed = cell[2].equals("framed");
    final TServer server;
    int port;
    if (cell[0].equals("TSimpleServer") || cell[0].equals("TThreadPoolServer")) {
      TServerSocket socket =
          cell[3].equals("TLS")
              ? tlsSocket(keystore, password)
              : new TServerSocket(new InetSocketAddress(LOOPBACK, 0));
      port = socket.getServerSocket().getLocalPort();
      server =
          cell[0].equals("TSimpleServer")
              ? new TSimpleServer(complete(new TServer.Args(socket), cell[1], framed, recorder))
              : new TThreadPoolServer(complete(new TThreadPoolServer.Args(socket), cell[1], framed, recorder));
    } else {
      TNonblockingServerSocket socket = new TNonblockingServerSocket(new InetSocketAddress(LOOPBACK, 0));
      port = socket.getPort();
      server = nonblocking(cell[0], socket, cell[1], framed, recorder);
    }
    Thread thread =
        new Thread() {
          @Override
          public void run() {
            server.serve();
          }
        };
    thread.setDaemon(true);
    thread.start();
    return port;
  }

  private static TServer nonblocking(
      String name, TNonblockingServerSocket socket, String protocol, boolean framed, Recorder recorder)
      throws Exception {
    // The arguments in variables of their own: the constructors take a raw type, from which nothing can be inferred.
    if (name.equals("TNonblockingServer")) {
      TNonblockingServer.Args args = complete(new TNonblockingServer.Args(socket), protocol, framed, recorder);
      return new TNonblockingServer(args);
    }
    if (name.equals("THsHaServer")) {
      THsHaServer.Args args = complete(new THsHaServer.Args(socket), protocol, framed, recorder);
      return new THsHaServer(args);
    }
    TThreadedSelectorServer.Args args = complete(new TThreadedSelectorServer.Args(socket), protocol, framed, recorder);
    return new TThreadedSelectorServer(args);
  }

  private static TServerSocket tlsSocket(String keystore, String password) throws Exception {
    TSSLTransportFactory.TSSLTransportParameters parameters = new TSSLTransportFactory.TSSLTransportParameters();
    parameters.setKeyStore(keystore, password, null, "PKCS12");
    // As Flume's source does.
    return TSSLTransportFactory.getServerSocket(0, 120000, LOOPBACK, parameters);
  }

  private static <T extends TServer.AbstractServerArgs<T>> T complete(
      T args, String protocol, boolean framed, Recorder recorder) throws Exception {
    args.protocolFactory(protocolFactory(protocol)).processor(SourceService.processor(recorder));
    return framed ? args.transportFactory(framedTransport()) : args;
  }

  private static TProtocolFactory protocolFactory(String name) {
    if (name.equals("compact")) return new TCompactProtocol.Factory();
    if (name.equals("binary")) return new TBinaryProtocol.Factory();
    return new TJSONProtocol.Factory();
  }

  /** Moved to a package of its own in 0.14. */
  private static TTransportFactory framedTransport() throws Exception {
    String factory = "TFramedTransport$Factory";
    Class<?> found;
    try {
      found = Class.forName("org.apache.thrift.transport.layered." + factory);
    } catch (ClassNotFoundException older) {
      found = Class.forName("org.apache.thrift.transport." + factory);
    }
    return (TTransportFactory) found.getDeclaredConstructor().newInstance();
  }
}
