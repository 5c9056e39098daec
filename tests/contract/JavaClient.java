import java.util.List;
import vn.tthc.PushApi;
import vn.tthc.ReadApi;
import vn.tthc.client.ApiClient;
import vn.tthc.client.ApiException;
import vn.tthc.model.Dossier;
import vn.tthc.model.DossierStatus;
import vn.tthc.model.Receipt;
import vn.tthc.model.Summary;
import vn.tthc.model.Widget;

/** What a vendor writes with the client that openapi-generator made: push, read, meet an error. Address and key. */
class JavaClient {
    static Dossier dossier(String code, String due) {
        Dossier made = new Dossier();
        made.setCode(code);
        made.setUnitCode("H23.45");
        made.setProcedureCode("1.004873");
        made.setStatus(new DossierStatus("processing"));
        made.setReceivedAt("2023-10-02T08:00+07:00");
        made.setDueAt(due);
        return made;
    }

    static PushApi.APIPushDossierRequest request(Dossier dossier) {
        return PushApi.APIPushDossierRequest.newBuilder().dossier(dossier).build();
    }

    static ApiClient client(String address, String key) {
        ApiClient made = new ApiClient();
        made.updateBaseUri(address);
        made.setRequestInterceptor(request -> request.header("Authorization", "Bearer " + key));
        return made;
    }

    static void check(boolean fine, Object told) {
        if (!fine) throw new AssertionError(String.valueOf(told));
    }

    public static void main(String[] given) throws ApiException {
        PushApi push = new PushApi(client(given[0], given[1]));
        Receipt one = push.pushDossier(request(dossier("J-1", "2023-10-06")));
        check("created".equals(one.getResult().getValue()), one);
        Summary batch = push.pushBatch(PushApi.APIPushBatchRequest.newBuilder()
            .dossier(List.of(dossier("J-2", "2023-10-06"), dossier("J-3", "soon"))).build());
        check(batch.getCreated() == 1 && batch.getRejections().get(0).getIndex() == 1, batch);
        Widget widget = new ReadApi(client(given[0], "")).getWidget(ReadApi.APIGetWidgetRequest.newBuilder()
            .unit("H23.45").period("2023").asOf("2023-10-05").build());
        check(widget.getCounts().getWorkload() >= 2, widget);
        try {
            new PushApi(client(given[0], "x")).pushDossier(request(dossier("J-4", null)));
            throw new AssertionError("a wrong key is refused");
        } catch (ApiException error) {
            check(error.getCode() == 401, error);
        }
    }
}
