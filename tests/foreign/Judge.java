import java.io.FileInputStream;
import java.util.ArrayList;
import java.util.List;
import org.hl7.fhir.convertors.context.ContextResourceLoaderFactory;
import org.hl7.fhir.convertors.loaders.loaderR5.NullLoaderKnowledgeProviderR5;
import org.hl7.fhir.r5.context.IContextResourceLoader;
import org.hl7.fhir.r5.context.SimpleWorkerContext;
import org.hl7.fhir.r5.elementmodel.Manager.FhirFormat;
import org.hl7.fhir.r5.model.CodeSystem;
import org.hl7.fhir.r5.model.Enumerations.CodeSystemContentMode;
import org.hl7.fhir.r5.model.Enumerations.PublicationStatus;
import org.hl7.fhir.r5.model.Parameters;
import org.hl7.fhir.r5.utils.validation.ValidatorSession;
import org.hl7.fhir.utilities.npm.NpmPackage;
import org.hl7.fhir.utilities.validation.ValidationMessage;
import org.hl7.fhir.validation.ValidatorSettings;
import org.hl7.fhir.validation.instance.InstanceValidator;

/**
 * HL7's own validator over every resource of a FHIR package: Judge R4-CORE.tgz PACKAGE.tgz.
 *
 * One line a finding: file, severity, message id, place, words, separated by tabs; first a line for each resource.
 */
public final class Judge {
    private static final String[][] GRAMMARS = {
        {"urn:ietf:bcp:13", "text/plain"}, {"urn:ietf:bcp:47", "fr"}, {"urn:ietf:bcp:47", "en"},
        {"urn:iso:std:iso:3166", "FR"},
    };

    private Judge() {}

    public static void main(String[] arguments) throws Exception {
        NpmPackage ours = NpmPackage.fromPackage(new FileInputStream(arguments[1]));
        SimpleWorkerContext context = new SimpleWorkerContext.SimpleWorkerContextBuilder()
            .withAllowLoadingDuplicates(true)
            .fromPackage(NpmPackage.fromPackage(new FileInputStream(arguments[0])), loader(), true);
        context.setExpansionParameters(new Parameters());
        context.setCanRunWithoutTerminology(true);
        context.setNoTerminologyServer(true);
        context.loadFromPackage(ours, loader());
        tellGrammars(context);
        InstanceValidator validator =
            new InstanceValidator(context, null, null, new ValidatorSession(), new ValidatorSettings());
        for (String name : ours.listResources(ours.getTypes().keySet())) {
            print(name, "RESOURCE", "", "", "");
            List<ValidationMessage> messages = new ArrayList<>();
            validator.validate(null, messages, ours.load("package", name), FhirFormat.JSON);
            for (ValidationMessage message : messages) {
                print(name, message.getLevel().name(), message.getMessageId(), message.getLocation(), message.getMessage());
            }
        }
    }

    private static IContextResourceLoader loader() throws Exception {
        return ContextResourceLoaderFactory.makeLoader("4.0.1", new NullLoaderKnowledgeProviderR5());
    }

    /** Offline nobody lists MIME types, languages and countries: those that the package uses are told. */
    private static void tellGrammars(SimpleWorkerContext context) {
        for (String[] grammar : GRAMMARS) {
            CodeSystem known = context.fetchCodeSystem(grammar[0]);
            if (known == null) {
                known = new CodeSystem(PublicationStatus.ACTIVE, CodeSystemContentMode.COMPLETE);
                known.setUrl(grammar[0]).setId("grammar-" + grammar[1].replace('/', '-'));
                context.cacheResource(known);
            }
            known.addConcept().setCode(grammar[1]);
        }
    }

    private static void print(String... cells) {
        List<String> plain = new ArrayList<>();
        for (String cell : cells) {
            plain.add(cell == null ? "" : cell.replaceAll("\\s+", " "));
        }
        System.out.println(String.join("\t", plain));
    }
}
